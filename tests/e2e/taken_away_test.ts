/** What a policy takes away from within a workspace is away for real tasks, walled in or by Deno. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { publishAndConfirm, waitForEnd, withNodeProcess } from "../helpers/node_process.ts";

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
  { try read cat private/text; try list ls private/text
    try frozen cat frozen/text; try thaw put frozen/text; try add put frozen/new
    try move mv frozen thawed; try usual put usual
    try env printenv CIS_TEST_CANARY; put private/text; } >> $CIS_OUTPUT`;
const SCRIPT = `export default function task() {
  const attempt = (what) => { try { what(); return "done"; } catch { return "kept"; } };
  const put = (path) => attempt(() => Deno.writeTextFileSync(path, "mine"));
  const get = (path) => attempt(() => Deno.readTextFileSync(path));
  put("private/text");
  return {
    read: get("private/text"), list: attempt(() => Deno.statSync("private/text")),
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
        ...{ read: "kept", list: "kept" },
        ...{ frozen: "done", thaw: "kept", add: "kept", move: "kept" },
        ...{ usual: "done", env: "kept" },
      }, task_id);
    }
    // Behind walls a hidden directory is an empty one of the task's own, in which it may write.
    for (const name of ["private", "frozen"]) {
      assert.equal(Deno.readTextFileSync(join(workspace, name, "text")), "theirs");
    }
  }, { config: { policy: POLICY }, env: { CIS_TEST_CANARY: "canary" } });
});
