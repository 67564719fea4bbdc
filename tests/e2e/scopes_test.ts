/** Which worker carries out what: one process for a scope, never one for two. */
import assert from "node:assert/strict";
import { dataOf } from "../../lib/api/client.ts";
import { FIND_WORKER } from "../helpers/find_worker.ts";
import { publishAndConfirm, waitForEnd, withNodeProcess } from "../helpers/node_process.ts";

/** Behind walls a task can't see whose process it is. */
const OPEN = { config: { policy: { defaults: { isolation: "none" as const } } } };

/** A DAG whose only task tells the process that carries it out. */
function whoRunsThis(dag_id: string, scope: unknown): unknown {
  const command = `${FIND_WORKER}echo parent=$worker > $CIS_OUTPUT`;
  return { dag_id, scope, tasks: [{ id: "who", type: "shell", command }] };
}

async function workerPidOf(
  client: Parameters<typeof publishAndConfirm>[0],
  doc: unknown,
): Promise<number> {
  const { run_id } = await publishAndConfirm(client, doc);
  const run = await waitForEnd(client, run_id);
  assert.equal(run.status, "completed", run.error ?? "");
  return Number((run.tasks[0]?.outputs as { parent: string }).parent);
}

Deno.test("two DAGs of one scope share a worker process, other scopes have their own", async () => {
  await withNodeProcess(async ({ client }) => {
    assert.equal(dataOf(await client.workers()).count, 0);
    const abc = { type: "project", project_id: "abc" };
    const first = await workerPidOf(client, whoRunsThis("first", abc));
    const second = await workerPidOf(client, whoRunsThis("second", abc));
    const other = await workerPidOf(client, whoRunsThis("third", { type: "user", user_id: "abc" }));
    const global = await workerPidOf(client, whoRunsThis("fourth", { type: "global" }));
    assert.equal(first, second);
    assert.equal(new Set([first, other, global]).size, 3);
    const workers = dataOf(await client.workers()).workers;
    assert.deepEqual(
      new Map(workers.map((worker) => [worker.worker_id, worker.pid])),
      new Map([
        ["worker-project-abc", first],
        ["worker-user-abc", other],
        ["worker-global", global],
      ]),
    );
  }, OPEN);
});

Deno.test("runs that begin together start one worker for their scope, and the first of another its own", async () => {
  await withNodeProcess(async ({ client }) => {
    const scopes = [
      ...Array.from({ length: 5 }, () => ({ type: "project", project_id: "abc" })),
      { type: "project", project_id: "ABC" },
      { type: "type", dag_type: "abc" },
    ];
    const pids = await Promise.all(
      scopes.map((scope, index) => workerPidOf(client, whoRunsThis(`together-${index}`, scope))),
    );
    const [first, ...same] = pids.slice(0, 5);
    assert.deepEqual(same, Array(4).fill(first));
    assert.equal(new Set(pids).size, 3, pids.join(" "));
    // Each was started once, by its run; nobody asked for it.
    const workers = dataOf(await client.workers()).workers;
    assert.deepEqual(new Set(workers.map(({ pid }) => pid)), new Set(pids));
    assert.deepEqual(workers.map(({ restarts }) => restarts), [0, 0, 0]);
    const starts = new Map<string, number>();
    let ended = 0;
    const signal = AbortSignal.timeout(15_000);
    for await (const { type, worker_id } of client.followEvents({ lastEventId: "0", signal })) {
      if (type === "worker.running" && worker_id !== null) {
        starts.set(worker_id, (starts.get(worker_id) ?? 0) + 1);
      }
      // Each run has ended, so all that was told of their workers' starts is before its end.
      if (type === "run.completed" && ++ended === scopes.length) break;
    }
    assert.deepEqual([...starts.values()], [1, 1, 1]);
  }, OPEN);
});

Deno.test("reuse_worker: false gives each run a worker of its own, gone when the run is", async () => {
  await withNodeProcess(async ({ client }) => {
    const scope = { type: "project", project_id: "abc", reuse_worker: false };
    const { run_id } = await publishAndConfirm(client, whoRunsThis("own", scope));
    const run = await waitForEnd(client, run_id);
    assert.match(run.worker_id, /^worker-project-abc-[0-9a-f]{8}$/);
    const signal = AbortSignal.timeout(15_000);
    let gone = false;
    for await (const event of client.followEvents({ lastEventId: "0", signal })) {
      if (event.worker_id === run.worker_id && event.type === "worker.stopped") {
        gone = true;
        break;
      }
    }
    assert.ok(gone, "its worker has stopped");
    assert.deepEqual(dataOf(await client.workers()).workers, []);
  }, OPEN);
});
