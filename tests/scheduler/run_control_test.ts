/** Cancel, pause, resume and retry of runs, with a worker in the test's hand. */
import assert from "node:assert/strict";
import { cancelRun } from "../../lib/scheduler/run_actions.ts";
import { getRun, runEnded, startDag } from "../helpers/test_node.ts";
import { ManualTimer } from "../helpers/manual_timer.ts";
import { act, dagOf, ids, taskStates, withWorker } from "../helpers/with_worker.ts";

Deno.test("a cancel calls off what runs and starts nothing more; the slots are free at once", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: [], c: [], after: ["a"] }));
    const [a, b] = await worker.takeAll();
    assert.ok(a && b);
    assert.equal((await act(fetch, run_id, "cancel")).status, "cancelled");
    await startDag(fetch, dagOf({ next: [] }, { dag_id: "next" }));
    assert.deepEqual(ids(await worker.takeAll()), ["next"]);
    assert.deepEqual(worker.cancelled.sort(), [a.lease, b.lease].sort());
    const run = await getRun(fetch, run_id);
    assert.match(run.error ?? "", /^cancelled by /);
    assert.deepEqual(
      run.tasks.map(({ status, attempts }) => [status, ...attempts.map((each) => each.status)]),
      [["cancelled", "cancelled"], ["cancelled", "cancelled"], ["cancelled"], ["cancelled"]],
    );
    // A second cancel is fine and changes nothing.
    assert.equal((await act(fetch, run_id, "cancel")).status, "cancelled");
    await worker.sync();
    assert.equal(worker.cancelled.length, 2);
  }, { config: { policy: { defaults: { max_concurrent_tasks: 2 } } } });
});

Deno.test("a cancel that shares its commit with the run's end says that it came too late", async () => {
  await withWorker(async ({ fetch, worker, node }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [] }));
    const { lease } = await worker.take();
    const ended = { type: "completed", index: 0, lease, hasOutputs: false } as const;
    const [, cancelled] = await Promise.allSettled([
      node.db.write((tx) => node.executor.happen(tx, run_id, ended)),
      node.db.write((tx) => cancelRun(tx, node, { runId: run_id, byName: "ann" })),
    ]);
    assert.match(String(cancelled.status === "rejected" && cancelled.reason), /completed already/);
    assert.equal(node.runs.load(run_id)?.status, "completed");
  });
});

Deno.test("a run that waits for its worker or for a retry can be cancelled too", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ fetch, worker }) => {
    const retry = { max_attempts: 2, delay: "5s", jitter: 0 };
    const { run_id } = await startDag(fetch, dagOf({ a: { retry } }));
    await worker.fail(await worker.take(), "once");
    await act(fetch, run_id, "cancel");
    timer.advance(60_000);
    await worker.disconnect();
    const waiting = await startDag(fetch, dagOf({ b: [] }, { dag_id: "waiting" }));
    await act(fetch, waiting.run_id, "cancel");
    await worker.connect();
    assert.deepEqual(ids(await worker.takeAll()), []);
    assert.deepEqual(worker.cancelled, []);
    assert.deepEqual(await taskStates(fetch, run_id), { a: "cancelled" });
    assert.deepEqual(await taskStates(fetch, waiting.run_id), { b: "cancelled" });
  }, { timer });
});

Deno.test("a paused run starts nothing more; what runs may end, and a resume goes on from there", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"], c: ["b"] }));
    const a = await worker.take();
    assert.equal((await act(fetch, run_id, "pause")).status, "paused");
    await worker.finish(a, { outputs: { n: 1 } });
    assert.deepEqual(ids(await worker.takeAll()), []);
    assert.deepEqual(await taskStates(fetch, run_id), { a: "completed", b: "ready", c: "pending" });
    // Neither a new connection nor another run makes it go on.
    await worker.disconnect();
    await worker.connect();
    await startDag(fetch, dagOf({ x: [] }, { dag_id: "x" }));
    assert.deepEqual(ids(await worker.takeAll()), ["x"]);
    assert.equal((await act(fetch, run_id, "resume")).status, "running");
    const b = await worker.take();
    assert.deepEqual([b.task_id, b.inputs], ["b", { a: { n: 1 } }]);
    await worker.finish(b);
    await worker.finish(await worker.take());
    await runEnded(node, run_id);
    assert.equal((await getRun(fetch, run_id)).status, "completed");
  });
});

Deno.test("a paused run whose last task has ended completes with the resume", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [] }));
    const a = await worker.take();
    await act(fetch, run_id, "pause");
    await worker.finish(a);
    assert.equal((await getRun(fetch, run_id)).status, "paused");
    assert.equal((await act(fetch, run_id, "resume")).status, "completed");
  });
});

Deno.test("a retry that falls due during a pause starts with the resume", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ fetch, worker }) => {
    const retry = { max_attempts: 2, delay: "5s", jitter: 0 };
    const { run_id } = await startDag(fetch, dagOf({ a: { retry } }));
    await worker.fail(await worker.take(), "once");
    await act(fetch, run_id, "pause");
    timer.advance(5_000);
    assert.deepEqual(ids(await worker.takeAll()), []);
    await act(fetch, run_id, "resume");
    assert.equal((await worker.take()).attempt, 2);
  }, { timer });
});

Deno.test("a retry of a run keeps what has completed, with its outputs, and runs the rest anew", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ good: [], bad: [], both: ["good", "bad"], alone: ["good"] }),
    );
    const [bad, good] = await worker.takeAll();
    assert.ok(good && bad);
    await worker.finish(good, { outputs: { kept: "yes" } });
    const alone = await worker.take();
    await worker.finish(alone);
    await worker.fail(bad, "it broke");
    await runEnded(node, run_id);
    const again = await act(fetch, run_id, "retry");
    assert.notEqual(again.run_id, run_id);
    const [second, ...more] = await worker.takeAll();
    assert.ok(second);
    assert.deepEqual([second.task_id, ...ids(more)], ["bad"]);
    assert.deepEqual([second.run_id, second.attempt], [again.run_id, 1]);
    assert.notEqual(second.lease, bad.lease);
    await worker.finish(second, { outputs: { now: "fine" } });
    const both = await worker.take();
    assert.deepEqual(both.inputs, { good: { kept: "yes" }, bad: { now: "fine" } });
    await worker.finish(both);
    await runEnded(node, again.run_id);
    const run = await getRun(fetch, again.run_id);
    assert.deepEqual([run.status, run.completed_tasks, run.retry_of], ["completed", 4, run_id]);
    assert.deepEqual(run.tasks[0]?.outputs, { kept: "yes" });
    assert.equal((await getRun(fetch, run_id)).status, "failed", "the old run stays as it was");
  });
});

Deno.test("a retry from scratch runs everything", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
    await worker.finish(await worker.take());
    await worker.fail(await worker.take(), "it broke");
    await runEnded(node, run_id);
    await act(fetch, run_id, "retry", { from_scratch: true });
    assert.deepEqual(ids(await worker.takeAll()), ["a"]);
  });
});
