/** Workers that send what they must not: nobody else is harmed, and in the end they are replaced. */
import assert from "node:assert/strict";
import { MAX_FRAME } from "../../lib/matrix/frame_socket.ts";
import { type FakeWorker, fakeWorker } from "../helpers/fake_worker.ts";
import { gone } from "../helpers/child_worker.ts";
import { getRun, runEnded, withNode } from "../helpers/test_node.ts";
import { historyShows, startShell } from "../helpers/worker_watch.ts";

/** What a worker may send, each enough to be expelled for. */
const KINDS: Record<string, (worker: FakeWorker, index: number) => void> = {
  "what is no JSON": (worker) => worker.sendRaw("{not json"),
  "an unknown frame": (worker) => worker.sendRaw('{"op":"shout"}'),
  "JSON that is too deep to look at": (worker) =>
    worker.sendRaw(`{"op":"send","txn":1,"type":"x","content":${"[".repeat(100_000)}`),
  "a frame that is too long": (worker) => worker.sendRaw("x".repeat(MAX_FRAME + 1_000_000)),
  "a second hello": (worker) =>
    worker.sendRaw(JSON.stringify({ op: "hello", worker_id: "worker-global", secret: "" })),
  "ready again and again": (worker) => {
    const { worker_id, instance } = worker.bootstrap;
    worker.send("io.cis.worker.ready", { worker_id, instance, pid: 1, active: [] });
  },
  "unknown events": (worker) => worker.send("io.cis.worker.promotion", {}),
  "events with the wrong content": (worker) => worker.send("io.cis.task.result", { results: 7 }),
  "events of the node": (worker) => worker.send("io.cis.task.dispatch", { tasks: [] }),
  "results of runs that it never had": (worker, index) => {
    const ref = { run_id: `dag-run-${index}`, task_id: "work", attempt: 1, lease: "none" };
    worker.report([ref]);
  },
  "logs of runs that it never had": (worker, index) => {
    const ref = { run_id: `dag-run-${index}`, task_id: "work", attempt: 1, lease: "none" };
    worker.send("io.cis.task.log", { logs: [{ ...ref, lines: [] }] });
  },
};

/** Sends it until the connection is gone, and comes back, until it is not let in any more. */
async function insist(worker: FakeWorker, send: (index: number) => void): Promise<void> {
  const isRefused = (): boolean => worker.frames.some(({ op }) => op === "refused");
  for (let index = 0; !isRefused(); index++) {
    assert.ok(index < 1_000, "it is let in for ever");
    if (worker.isClosed) await worker.open();
    send(index);
    // The node gets a turn to close the connection.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

for (const [what, send] of Object.entries(KINDS)) {
  Deno.test(`a worker that insists on sending ${what} is killed and replaced`, async () => {
    await withNode(async (test) => {
      await using worker = await fakeWorker(test.node, "project:abc");
      const runId = await startShell(test.fetch, "true");
      await worker.take();
      await insist(worker, (index) => send(worker, index));
      await historyShows(test, /^crashed: it misbehaved: it sent /);
      await gone(worker.pid);
      await runEnded(test.node, runId);
      const run = await getRun(test.fetch, runId);
      assert.deepEqual(run.tasks[0]?.attempts.map(({ status }) => status), ["lost", "completed"]);
      assert.ok(test.reports.length <= 5, test.reports.join("\n"));
    });
  });
}

Deno.test("another worker's lease is worth nothing, however right everything else is", async () => {
  await withNode(async (test) => {
    await using owner = await fakeWorker(test.node, "project:abc");
    await using thief = await fakeWorker(test.node, "project:other");
    const runId = await startShell(test.fetch, "true");
    const task = await owner.take();
    await thief.finish(task, { outputs: { stolen: true } });
    await thief.log(task, [{ line: 1, time: 1, stream: "stdout", text: "not mine" }]);
    assert.equal((await getRun(test.fetch, runId)).tasks[0]?.status, "running");
    await owner.finish(task);
    await runEnded(test.node, runId);
    assert.equal((await getRun(test.fetch, runId)).tasks[0]?.outputs, null);
    assert.deepEqual(test.node.logs.tail({ runId }, 10), []);
    assert.equal(thief.isClosed, false, "twice is no habit");
  });
});

Deno.test("results that come late are no fault; the same one thousands of times is", async () => {
  await withNode(async (test) => {
    await using worker = await fakeWorker(test.node, "project:abc");
    const runId = await startShell(test.fetch, "true");
    const task = await worker.take();
    await worker.finish(task);
    await runEnded(test.node, runId);
    for (let again = 0; again < 100; again++) await worker.finish(task);
    assert.equal(worker.isClosed, false);
    assert.deepEqual(test.reports, []);
    for (let again = 0; again < 1_000; again++) worker.report([task]);
    await worker.until(() => worker.isClosed);
  });
});
