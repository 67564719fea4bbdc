/** What a policy takes away from within a workspace is away for real tasks, walled in or by Deno. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { publishAndConfirm, waitForEnd, withNodeProcess } from "../helpers/node_process.ts";
import { requireBubblewrap } from "../helpers/require_bubblewrap.ts";

const POLICY = {
  scopes: {
    "project:abc": {
      env: true,
      deny: { read: ["private"], write: ["frozen"], env: ["CIS_TEST_CANARY"] },
    },
  },
};
const SHELL = `
  try() { name=$1; shift; if ("$@") > /dev/null 2>&1; then echo "$name=done"; else echo "$name=kept"; fi; }
  put() { echo mine > "$1"; }
  { try read cat private/text; try list cat private/*
    try frozen cat frozen/text; try thaw put frozen/text; try add put frozen/new
    try move mv frozen thawed; try usual put usual
    try env printenv CIS_TEST_CANARY; try hide put private/text; } >> $CIS_OUTPUT`;
const SCRIPT = `export default function task() {
  const attempt = (what) => { try { what(); return "done"; } catch { return "kept"; } };
  const put = (path) => attempt(() => Deno.writeTextFileSync(path, "mine"));
  const get = (path) => attempt(() => Deno.readTextFileSync(path));
  return {
    hide: put("private/text"), read: get("private/text"), list: attempt(() => Deno.statSync("private/text")),
    frozen: get("frozen/text"), thaw: put("frozen/text"),
    add: put("frozen/new"), move: attempt(() => Deno.renameSync("frozen", "thawed")),
    usual: put("usual"), env: attempt(() => { if (!Deno.env.get("CIS_TEST_CANARY")) throw 0; }),
  };
}`;

Deno.test("what a policy takes away within a workspace is away, for shell and deno tasks", async () => {
  await withNodeProcess(async ({ client, dataDir }) => {
    const workspace = join(dataDir, "workspaces/project-abc");
    for (const name of ["private", "frozen"]) {
      Deno.mkdirSync(join(workspace, name), { recursive: true });
      Deno.writeTextFileSync(join(workspace, name, "text"), "theirs");
    }
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "proj-abc-taken",
      tasks: [{ id: "shell", command: SHELL }, { id: "deno", script: SCRIPT }],
    });
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    for (const { task_id, outputs } of run.tasks) {
      assert.deepEqual(outputs, {
        ...{ read: "kept", list: "kept", hide: "kept" },
        ...{ frozen: "done", thaw: "kept", add: "kept", move: "kept" },
        ...{ usual: "done", env: "kept" },
      }, task_id);
    }
    for (const name of ["private", "frozen"]) {
      assert.equal(Deno.readTextFileSync(join(workspace, name, "text")), "theirs");
    }
  }, { config: { policy: POLICY }, env: { CIS_TEST_CANARY: "canary" } });
});

const LATE_POLICY = {
  scopes: {
    "project:abc": {
      read: ["."],
      write: ["."],
      deny: { read: ["late", "late-file"], write: ["/srv"] },
    },
  },
};
const LATE_SHELL = `
  try() { name=$1; shift; if ("$@") > /dev/null 2>&1; then echo "$name=done"; else echo "$name=kept"; fi; }
  put() { echo mine > "$1"; }
  { try directory cat late/text; try into put late/new; try file grep -q theirs late-file
    try outside ls /srv; } >> $CIS_OUTPUT`;

Deno.test("what is denied is hidden as it is when a task begins, and is nothing to write to", async () => {
  requireBubblewrap();
  await withNodeProcess(async ({ client, dataDir }) => {
    const workspace = join(dataDir, "workspaces/project-abc");
    const look = async (): Promise<unknown> => {
      const doc = { dag_id: "proj-abc-late", tasks: [{ id: "a", command: LATE_SHELL }] };
      const run = await waitForEnd(client, (await publishAndConfirm(client, doc)).run_id);
      assert.equal(run.status, "completed", run.error ?? "");
      return run.tasks[0]?.outputs;
    };
    const kept = { directory: "kept", into: "kept", file: "kept", outside: "kept" };
    assert.deepEqual(await look(), kept, "nothing is there");
    assert.deepEqual([...Deno.readDirSync(workspace)], [], "and nothing comes to be by hiding it");
    Deno.mkdirSync(join(workspace, "late"));
    Deno.writeTextFileSync(join(workspace, "late/text"), "theirs");
    Deno.writeTextFileSync(join(workspace, "late-file"), "theirs");
    assert.deepEqual(await look(), kept, "what came to be while the worker lived");
    assert.deepEqual([...Deno.readDirSync(join(workspace, "late"))].map(({ name }) => name), [
      "text",
    ]);
    Deno.removeSync(join(workspace, "late"), { recursive: true });
    Deno.writeTextFileSync(join(workspace, "late"), "a file now");
    assert.deepEqual(await look(), kept, "what became something else");
  }, { config: { policy: LATE_POLICY } });
});
