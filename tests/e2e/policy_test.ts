/** What a policy does to real workers: what tasks can't touch, what is refused, what is read anew. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import type { ConfigFile } from "../../lib/config.ts";
import type { RunView } from "../../lib/schema/api.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
  withNodeProcess,
} from "../helpers/node_process.ts";

const SCOPE = { type: "project", project_id: "abc" };
const DEADLINE_MS = 20_000;

/** A deno task that tries each path and says what came of it. */
function tryPaths(paths: readonly string[]): string {
  return `export default function probe() {
    const tried = {};
    for (const path of ${JSON.stringify(paths)}) {
      const attempt = (what) => { try { what(); return "done"; } catch (error) { return error.name; } };
      tried[path] = [
        attempt(() => Deno.readTextFileSync(path)),
        attempt(() => Deno.writeTextFileSync(path, "x", { append: true, create: false })),
      ];
    }
    return tried;
  }`;
}

async function runOf(node: NodeProcess, doc: object): Promise<RunView> {
  const { run_id } = await publishAndConfirm(node.client, doc);
  return await waitForEnd(node.client, run_id);
}

async function triedBy(node: NodeProcess, doc: object): Promise<Record<string, string[]>> {
  const run = await runOf(node, doc);
  assert.equal(run.status, "completed", run.error ?? "");
  return run.tasks[0]?.outputs as Record<string, string[]>;
}

const DENIED = ["NotCapable", "NotCapable"];

Deno.test("a deno task reaches neither the node's data nor another scope's workspace", async () => {
  await withNodeProcess(async (node) => {
    const other = join(node.dataDir, "workspaces/project-other");
    Deno.mkdirSync(other, { recursive: true });
    Deno.writeTextFileSync(join(other, "theirs.txt"), "theirs");
    const own = join(node.dataDir, "workspaces/project-abc");
    Deno.mkdirSync(own, { recursive: true });
    Deno.writeTextFileSync(join(own, "mine.txt"), "mine");
    const files = ["cis.db", "cis.db-wal", "owner.token", "node.url", "node.sock"]
      .map((name) => join(node.dataDir, name));
    const paths = [...files, join(other, "theirs.txt"), "../project-other/theirs.txt"];
    // Once with what every task gets, and once with all that a policy can grant.
    for (const permissions of [undefined, { read: ["/"], write: ["/"], net: ["localhost"] }]) {
      const tried = await triedBy(node, {
        dag_id: "proj-abc-probe",
        scope: SCOPE,
        tasks: [{ id: "t", script: tryPaths(["mine.txt", ...paths]), permissions }],
      });
      assert.deepEqual(tried["mine.txt"], ["done", "done"]);
      for (const path of paths) assert.deepEqual(tried[path], DENIED, path);
    }
    assert.equal(Deno.readTextFileSync(join(other, "theirs.txt")), "theirs");
    const [worker] = dataOf(await node.client.workers()).workers;
    const reads = worker?.permission_flags.find((flag) => flag.startsWith("--allow-read=")) ?? "";
    // Its own temporary directory, and not the one that all workers' are in.
    const temp = join(node.dataDir, "tmp");
    const within = reads.split("=")[1]?.split(",").filter((path) => path.startsWith(temp));
    assert.deepEqual(within, [join(temp, "worker-project-abc")]);
  }, { config: { policy: { scopes: { "project:abc": { read: true, write: true } } } } });
});

Deno.test("a workspace that contains the node's data doesn't open them", async () => {
  const root = await Deno.makeTempDir({ prefix: "cis-test-" });
  const dataDir = join(root, ".cis");
  try {
    const workspaces = { "project:abc": root, "project:inner": join(root, "inner") };
    Deno.mkdirSync(join(root, "inner"));
    Deno.writeTextFileSync(join(root, "inner/theirs.txt"), "theirs");
    Deno.writeTextFileSync(join(root, "mine.txt"), "mine");
    const node = await startNode(dataDir, { config: { workspaces } });
    try {
      const paths = [".cis/cis.db", ".cis/owner.token", "inner/theirs.txt", ".cis/node.url"];
      const tried = await triedBy(node, {
        dag_id: "proj-abc-probe",
        scope: SCOPE,
        tasks: [{ id: "t", script: tryPaths(["mine.txt", ...paths]) }],
      });
      assert.deepEqual(tried["mine.txt"], ["done", "done"]);
      for (const path of paths) assert.deepEqual(tried[path], DENIED, path);
      const inner = await triedBy(node, {
        dag_id: "proj-inner-probe",
        tasks: [{ id: "t", script: tryPaths(["theirs.txt", "../mine.txt", "../.cis/cis.db"]) }],
      });
      assert.deepEqual(inner["theirs.txt"], ["done", "done"]);
      assert.deepEqual([inner["../mine.txt"], inner["../.cis/cis.db"]], [DENIED, DENIED]);
    } finally {
      await node.stop();
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("no deno or http task reaches the node's own address, by whatever name", async () => {
  await withNodeProcess(async (node) => {
    const { port } = new URL(node.url);
    // Names that resolve to this machine are on most systems: its own is one.
    const hosts = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.0.0.2", "2130706433"];
    const script = `export default async function probe() {
      const tried = {};
      for (const host of ${JSON.stringify([...hosts, Deno.hostname()])}) {
        tried[host] = await fetch("http://" + host + ":${port}/health").then(
          (answer) => "answered " + answer.status,
          (error) => error.name + " " + (error.cause ?? error.message),
        );
      }
      return tried;
    }`;
    const permissions = { net: ["*.invalid", "0.0.0.0/0", "localhost", "[::1]", Deno.hostname()] };
    const run = await runOf(node, {
      dag_id: "proj-abc-net",
      tasks: [{ id: "t", script, permissions }],
    });
    assert.equal(run.status, "completed", run.error ?? "");
    for (const [host, came] of Object.entries(run.tasks[0]?.outputs as Record<string, string>)) {
      assert.doesNotMatch(came, /answered/, host);
    }

    // An http task is refused when it is published; one that is sent there, by its worker.
    const refused = await node.client.publish({
      doc: {
        dag_id: "x",
        tasks: [{ id: "t", request: { url: `http://127.0.0.1:${port}/health` } }],
      },
    });
    assert.ok(!refused.ok);
    assert.equal(refused.problem.errors?.[0]?.code, "not_permitted");
    await using elsewhere = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => Response.redirect(`http://127.0.0.1:${port}/health`),
    );
    const sent = await runOf(node, {
      dag_id: "proj-abc-sent",
      tasks: [{ id: "t", request: { url: `http://127.0.0.1:${elsewhere.addr.port}/` } }],
    });
    assert.equal(sent.tasks[0]?.attempts[0]?.error_code, "permission_denied");
  });
});

Deno.test("each scope has its own limits: tasks at once, variables, output", async () => {
  const scopes = {
    "project:abc": { max_concurrent_tasks: 1, env: ["PATH"], max_output: "1KB" },
  };
  await withNodeProcess(async (node) => {
    const tasks = [
      { id: "a", command: "echo home=$HOME >> $CIS_OUTPUT" },
      { id: "b", command: "sleep 0.2; seq 100000" },
      { id: "c", command: "/usr/bin/env | grep ^PATH=", permissions: { env: [] } },
    ];
    const own = await runOf(node, { dag_id: "proj-abc-limits", tasks });
    const [a, b, c] = own.tasks;
    // It asks for no variables, so its shell has none but those that it makes itself.
    assert.equal(c?.status, "failed");
    assert.deepEqual(a?.outputs, { home: "" });
    const [one, two] = [a?.attempts[0], b?.attempts[0]];
    assert.ok((one?.finished_at ?? "z") <= (two?.started_at ?? ""), "one after the other");
    const lines = dataOf(await node.client.runLogs(own.run_id)).lines.map(({ text }) => text);
    assert.ok(lines.join("\n").length < 2000, `${lines.length} lines`);
    const other = await runOf(node, { dag_id: "proj-other-limits", tasks: [tasks[0]] });
    assert.notDeepEqual(other.tasks[0]?.outputs, { home: "" });
  }, { config: { policy: { scopes } } });
});

Deno.test("a policy that has become narrower refuses what was confirmed under the wider one", async () => {
  await withPolicyNode({}, async (node, write) => {
    const doc = {
      dag_id: "proj-abc-wait",
      scope: SCOPE,
      tasks: [
        { id: "first", command: `while [ ! -e go ]; do sleep 0.05; done` },
        { id: "second", command: "true", depends_on: ["first"], retry: 3 },
        { id: "third", script: "export default () => 1", depends_on: ["first"] },
      ],
    };
    const { run_id } = await publishAndConfirm(node.client, doc);
    await eventOf(node, "task.running");
    write({ policy: { scopes: { "project:abc": { run: [] } } } });
    await eventOf(node, "policy.loaded");
    Deno.writeTextFileSync(join(node.dataDir, "workspaces/project-abc/go"), "");
    const run = await waitForEnd(node.client, run_id);
    const [first, second, third] = run.tasks;
    assert.deepEqual([first?.status, second?.status, third?.status], [
      "completed",
      "failed",
      "completed",
    ]);
    assert.match(second?.error ?? "", /^not_permitted: it may not run \/bin\/sh/);
    assert.deepEqual(second?.attempts, []);
    const again = await node.client.publish({ doc: { ...doc, description: "again" } });
    assert.ok(!again.ok && again.problem.errors?.length === 2, JSON.stringify(again));
  });
});

Deno.test("a policy that has become wider gives nothing to what was confirmed before", async () => {
  const policy = { defaults: { task_timeout: "1s" } };
  await withPolicyNode({ policy }, async (node, write) => {
    const doc = { dag_id: "proj-abc-long", tasks: [{ id: "t", command: "sleep 60" }] };
    const published = dataOf(await node.client.publish({ doc }));
    assert.equal(published.permissions.limits.task_timeout, "1s");
    write({ policy: { defaults: { task_timeout: "1h" } } });
    await eventOf(node, "policy.loaded");
    const [pending] = dataOf(await node.client.pending()).pending;
    assert.equal(pending?.permissions.limits.task_timeout, "1s");
    const { run_id } = dataOf(await node.client.confirm(doc.dag_id, {}));
    const run = await waitForEnd(node.client, run_id);
    assert.equal(run.tasks[0]?.attempts[0]?.error_code, "timeout");
  });
});

Deno.test("SIGHUP and a new file in place of the old one are both noticed; a bad one is told", async () => {
  await withPolicyNode({}, async (node, write) => {
    write({ policy: { defaults: { pids: 0 } } });
    await eventOf(node, "policy.refused");
    assert.match(node.output(), /policy stays as it was: policy\.defaults\.pids: /);
    const after = (await eventOf(node, "policy.refused")).seq;
    write({ policy: { defaults: { pids: 33 } } });
    Deno.kill(node.pid, "SIGHUP");
    await eventOf(node, "policy.loaded", after);
    const view = dataOf(await node.client.policy());
    assert.equal(view.scopes[0]?.policy.pids, 33);
    assert.equal(view.last_error, null);
  });
});

/** A node whose settings file a test may write: put in place as a whole, as editors do. */
async function withPolicyNode(
  config: Partial<ConfigFile>,
  use: (node: NodeProcess, write: (settings: object) => void) => Promise<void>,
): Promise<void> {
  await withNodeProcess(async (node) => {
    const path = join(node.dataDir, "settings", "test.config.json");
    await use(node, (settings) => {
      Deno.writeTextFileSync(`${path}.new`, JSON.stringify({ node_id: "node1", ...settings }));
      Deno.renameSync(`${path}.new`, path);
    });
  }, { config });
}

async function eventOf(
  { client }: NodeProcess,
  type: string,
  after = 0,
): Promise<{ readonly seq: number }> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for await (const event of client.followEvents({ lastEventId: String(after), signal })) {
    if (event.type === type) return event;
  }
  throw new Error(`no event ${type} within ${DEADLINE_MS} ms`);
}
