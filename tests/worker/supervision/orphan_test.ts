/** Workers whose node is killed: for a short while, or for good. */
import assert from "node:assert/strict";
import { dataOf } from "../../../lib/api/client.ts";
import type { ConfigFile } from "../../../lib/config.ts";
import { gone, isRunning } from "../../helpers/child_worker.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
  waitForEvent,
} from "../../helpers/node_process.ts";
import { fileText, processesOf, WORKER } from "../../helpers/worker_watch.ts";

const SCOPE = { type: "project", project_id: "abc" };

/** Runs `use` with a node that it may kill and start again. */
async function withMortalNode(
  config: Partial<ConfigFile>,
  use: (node: NodeProcess, again: () => Promise<NodeProcess>) => Promise<void>,
): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  // Without walls, so that its tasks can be told from outside when to go on.
  const options = { config: { ...config, policy: { defaults: { isolation: "none" as const } } } };
  let node: NodeProcess | undefined;
  try {
    node = await startNode(dataDir, options);
    // At another address its workers would be replaced: they are kept from the node's own.
    const port = Number(new URL(node.url).port);
    await use(node, async () => node = await startNode(dataDir, { ...options, port }));
  } finally {
    await node?.stop();
    for (const pid of processesOf(WORKER, dataDir)) Deno.kill(pid, "SIGKILL");
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function start(node: NodeProcess, command: string): Promise<string> {
  const tasks = [{ id: "work", type: "shell", command }];
  const doc = { dag_id: "proj-abc-orphan", scope: SCOPE, tasks };
  return (await publishAndConfirm(node.client, doc)).run_id;
}

Deno.test("a worker whose node stays away ends itself, with everything its tasks started", async () => {
  await withMortalNode({ orphan_grace_ms: 500 }, async (node) => {
    const mark = `${node.dataDir}/pids`;
    // One in the task's group, and one that ignores being told to end.
    const command =
      `sleep 603 & a=$!; sh -c 'trap "" TERM; sleep 604' & echo $$ $a $! > ${mark}; wait`;
    await start(node, command);
    const pids = (await fileText(mark)).split(" ").map(Number);
    const pid = dataOf(await node.client.worker(WORKER)).pid ?? 0;
    await node.killHard();
    assert.ok(isRunning(pid), "not at once");
    for (const each of [pid, ...pids]) await gone(each);
    assert.deepEqual([...Deno.readDirSync(`${node.dataDir}/tmp/${WORKER}`)], [], "temporary files");
  });
});

Deno.test("a worker outlives its node; results and logs of meanwhile arrive, each once", async () => {
  await withMortalNode({}, async (node, again) => {
    const gate = `${node.dataDir}/gate`;
    const runId = await start(
      node,
      `echo before; echo started > ${gate}.started; until [ -e ${gate} ]; do sleep 0.01; done; ` +
        `echo meanwhile; echo n=1 > $CIS_OUTPUT; echo done > ${gate}.done`,
    );
    await fileText(`${gate}.started`);
    await waitForEvent(node.client, runId, ({ type }) => type === "task.running");
    const { pid } = dataOf(await node.client.worker(WORKER));
    await node.killHard();
    Deno.writeTextFileSync(gate, "");
    await fileText(`${gate}.done`);
    const next = await again();
    const run = await waitForEnd(next.client, runId);
    assert.equal(run.status, "completed", run.error ?? "");
    const [task] = run.tasks;
    assert.deepEqual(task?.attempts.map(({ status }) => status), ["completed"]);
    assert.deepEqual(task?.outputs, { n: "1" });
    const logs = dataOf(await next.client.runLogs(runId));
    assert.deepEqual(logs.lines.map(({ text }) => text), ["before", "meanwhile"]);
    const worker = dataOf(await next.client.worker(WORKER));
    assert.deepEqual([worker.pid, worker.restarts], [pid, 0]);
    assert.deepEqual(worker.history.map(({ status }) => status), ["running", "starting"]);
  });
});

Deno.test("a worker of an earlier life that doesn't connect is ended before another takes its place", async () => {
  await withMortalNode({ reconnect_grace_ms: 300 }, async (node, again) => {
    const mark = `${node.dataDir}/pid`;
    const command = `[ $CIS_ATTEMPT = 1 ] || exit 0; sleep 605 & echo $! > ${mark}; wait`;
    const runId = await start(node, command);
    const child = Number(await fileText(mark));
    const pid = dataOf(await node.client.worker(WORKER)).pid ?? 0;
    Deno.kill(pid, "SIGSTOP");
    await node.killHard();
    const next = await again();
    const run = await waitForEnd(next.client, runId);
    assert.deepEqual(run.tasks[0]?.attempts.map(({ status }) => status), ["lost", "completed"]);
    assert.match(run.tasks[0]?.attempts[0]?.error ?? "", /did not come back to its node/);
    await gone(pid);
    await gone(child);
    const worker = dataOf(await next.client.worker(WORKER));
    assert.deepEqual(processesOf(WORKER, node.dataDir), [worker.pid]);
    const times = new Map(worker.history.map(({ status, time }) => [status, Date.parse(time)]));
    assert.ok(times.has("crashed") && times.has("running"));
  });
});
