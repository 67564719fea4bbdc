/** Retries and timeouts on a clock that the test moves. */
import assert from "node:assert/strict";
import type { TestFetch } from "../helpers/test_node.ts";
import { getRun, runEnded, startDag, storeShows, withNode } from "../helpers/test_node.ts";
import { ManualTimer } from "../helpers/manual_timer.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import { dagOf, ids, taskStates, withWorker } from "../helpers/with_worker.ts";

const RETRY = { max_attempts: 4, delay: "5s", multiplier: 2, max_delay: "12s", jitter: 0 };

Deno.test("a failed task is tried again after its backoff, not a moment sooner, until it succeeds", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: { retry: RETRY }, b: ["a"] }));
    for (const [attempt, wait] of [[1, 5_000], [2, 10_000], [3, 12_000]] as const) {
      const task = await worker.take();
      assert.equal(task.attempt, attempt);
      await worker.fail(task, `failure ${attempt}`);
      assert.deepEqual(await taskStates(fetch, run_id), { a: "retry_wait", b: "pending" });
      timer.advance(wait - 1);
      assert.deepEqual(ids(await worker.takeAll()), []);
      timer.advance(1);
    }
    const last = await worker.take();
    await worker.finish(last, { outputs: { n: 4 } });
    const b = await worker.take();
    assert.deepEqual(b.inputs, { a: { n: 4 } });
    await worker.finish(b);
    await runEnded(node, run_id);
    const run = await getRun(fetch, run_id);
    assert.equal(run.status, "completed");
    assert.deepEqual(
      run.tasks[0]?.attempts.map(({ attempt, status, error }) => [
        attempt,
        status,
        error,
      ]),
      [
        [1, "failed", "failure 1"],
        [2, "failed", "failure 2"],
        [3, "failed", "failure 3"],
        [4, "completed", null],
      ],
    );
    assert.equal(run.tasks[0]?.error, null);
  }, { timer });
});

Deno.test("after the last attempt the task has failed for good", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ a: { retry: { ...RETRY, max_attempts: 2 } } }),
    );
    await worker.fail(await worker.take(), "once");
    timer.advance(5_000);
    await worker.fail(await worker.take(), "twice");
    await runEnded(node, run_id);
    const run = await getRun(fetch, run_id);
    assert.equal(run.error, 'task "a" failed after 2 attempts: twice');
    timer.advance(1_000_000);
    assert.deepEqual(ids(await worker.takeAll()), []);
  }, { timer });
});

Deno.test("jitter spreads a wait around its length", async () => {
  for (const [random, wait] of [[0, 8_000], [0.5, 10_000], [1, 12_000]] as const) {
    const timer = new ManualTimer();
    await withWorker(async ({ fetch, worker }) => {
      const retry = { max_attempts: 2, delay: "10s", jitter: 0.2 };
      const { run_id } = await startDag(fetch, dagOf({ a: { retry } }));
      await worker.fail(await worker.take(), "once");
      const { tasks } = await getRun(fetch, run_id);
      assert.equal(Date.parse(tasks[0]?.retry_at ?? "") - timer.now(), wait);
    }, { timer, random: () => random });
  }
});

Deno.test("a lost attempt is handed out again at once and is no failure of the task", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: { retry: { max_attempts: 1 } } }));
    await worker.finish(await worker.take(), { status: "cancelled", exit_code: null });
    const again = await worker.take();
    assert.equal(again.attempt, 2);
    await worker.finish(again);
    const { status, tasks } = await getRun(fetch, run_id);
    assert.equal(status, "completed");
    assert.deepEqual(tasks[0]?.attempts.map((attempt) => attempt.status), ["lost", "completed"]);
  });
});

Deno.test("a task's time limit goes to the worker; a timeout is a failure that is tried again", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ fetch, worker }) => {
    const task = { timeout: "90s", retry: { max_attempts: 2, delay: "1s", jitter: 0 } };
    const { run_id } = await startDag(fetch, dagOf({ a: task }));
    const first = await worker.take();
    assert.equal(first.timeout_ms, 90_000);
    await worker.finish(first, {
      status: "failed",
      exit_code: null,
      error: { code: "timeout", message: "ran longer than 90 s" },
    });
    timer.advance(1_000);
    const second = await worker.take();
    assert.equal(second.timeout_ms, 90_000);
    await worker.finish(second);
    const run = await getRun(fetch, run_id);
    assert.equal(run.status, "completed");
    assert.equal(run.tasks[0]?.attempts[0]?.error_code, "timeout");
  }, { timer });
});

Deno.test("a run that takes too long fails at its deadline: what runs is called off, nothing more starts", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ a: [], b: ["a"], wait: { retry: RETRY } }, { timeout: "10s" }),
    );
    const [a, wait] = await worker.takeAll();
    assert.ok(a && wait);
    await worker.fail(wait, "once");
    timer.advance(5_000);
    const again = await worker.take();
    timer.advance(4_999);
    assert.equal((await getRun(fetch, run_id)).status, "running");
    timer.advance(1);
    await runEnded(node, run_id);
    const run = await getRun(fetch, run_id);
    assert.equal(run.status, "failed");
    assert.equal(run.error, "the run took longer than 10s");
    assert.deepEqual(new Set(run.tasks.map(({ status }) => status)), new Set(["cancelled"]));
    await worker.sync();
    assert.deepEqual(worker.cancelled.sort(), [a.lease, again.lease].sort());
    timer.advance(1_000_000);
    assert.deepEqual(ids(await worker.takeAll()), []);
  }, { timer });
});

Deno.test("waits and deadlines survive a restart of the node", async () => {
  await withTempDir(async (dataDir) => {
    const timer = new ManualTimer();
    const runs: string[] = [];
    await withWorker(async ({ fetch, worker }) => {
      const doc = dagOf({ a: { retry: RETRY } }, { dag_id: "waits" });
      runs.push((await startDag(fetch, doc)).run_id);
      await worker.fail(await worker.take(), "once");
      const limited = dagOf({ a: [], b: ["a"] }, { dag_id: "limited", timeout: "1h" });
      runs.push((await startDag(fetch, limited)).run_id);
      await worker.finish(await worker.take());
      const b = await worker.take();
      assert.equal(b.task_id, "b");
    }, { timer, dataDir });
    const [waits, limited] = runs;
    assert.ok(waits && limited);
    await withNode(async ({ node, fetch }) => {
      // No worker can reach this node, which doesn't listen; only alarms matter here.
      const stateOf = async (run: string, task: string, look: TestFetch): Promise<unknown> =>
        (await taskStates(look, run))[task];
      assert.equal(await stateOf(waits, "a", fetch), "retry_wait");
      timer.advance(5_000);
      await storeShows(node, () => node.runs.tasks(waits)[0]?.status === "ready");
      timer.advance(60 * 60_000 - 5_001);
      assert.equal((await getRun(fetch, limited)).status, "running");
      timer.advance(1);
      await runEnded(node, limited);
      assert.equal((await getRun(fetch, limited)).status, "failed");
    }, { timer, dataDir, config: { port: 1 } });
  });
});
