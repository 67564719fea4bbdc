/** Reports that must not count: whatever a worker says, only the attempt that runs on it can end. */
import assert from "node:assert/strict";
import type { AttemptRef, TaskResult } from "../../lib/schema/room_events.ts";
import type { Node } from "../../lib/node.ts";
import { fakeWorker } from "../helpers/fake_worker.ts";
import { getRun, runEnded, startDag, type TestFetch } from "../helpers/test_node.ts";
import { ManualTimer } from "../helpers/manual_timer.ts";
import { act, dagOf, ids, withWorker } from "../helpers/with_worker.ts";

/**
 * Everything that a report could change. What arrived is logged, workers' times move on, and what came
 * late is kept beside its attempt.
 */
function stateOf({ db }: Node): unknown {
  return ["dag_runs", "task_runs", "task_attempts", "events", "log_chunks"].map((table) =>
    db.all(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).map(({ late_result: _, ...row }) => row)
  );
}

/** What is kept of late results, by attempt, as the API shows it. */
async function lateOf(fetch: TestFetch, runId: string): Promise<unknown[]> {
  const { tasks } = await getRun(fetch, runId);
  return tasks.flatMap(({ attempts }) =>
    attempts.map(({ late_result }) => late_result && { ...late_result, received_at: undefined })
  );
}

function resultOf({ run_id, task_id, attempt, lease }: AttemptRef): TaskResult {
  const how = { status: "completed", exit_code: 0, outputs: { n: 1 }, error: null } as const;
  return { run_id, task_id, attempt, lease, ...how, started_at: 1, finished_at: 2 };
}

const RESULTS: readonly Partial<TaskResult>[] = [
  { status: "completed", outputs: { forged: true } },
  { status: "failed", error: { code: "exit_code", message: "forged" } },
  { status: "cancelled" },
];

Deno.test("a result under a wrong lease, attempt, task or run changes nothing", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    await startDag(fetch, dagOf({ a: [], b: [], c: ["a"] }));
    const [a, b] = await worker.takeAll();
    assert.ok(a && b);
    const wrong: AttemptRef[] = [
      { ...a, lease: crypto.randomUUID() },
      { ...a, lease: "" },
      { ...a, lease: b.lease },
      { ...a, attempt: 2 },
      { ...a, task_id: "b" },
      { ...a, task_id: "c" },
      { ...a, task_id: "nowhere" },
      { ...a, task_id: "__proto__" },
      { ...a, run_id: "dag-run-00000000-0000-7000-8000-000000000000" },
      { ...a, run_id: "" },
    ];
    const before = stateOf(node);
    for (const parts of RESULTS) await worker.settled(worker.report(wrong, parts));
    assert.deepEqual(stateOf(node), before);
    assert.deepEqual(ids(await worker.takeAll()), []);
    // Right ones among wrong ones do count.
    await worker.settled(worker.report([...wrong, a]));
    assert.deepEqual(ids(await worker.takeAll()), ["c"]);
  });
});

Deno.test("another worker can't end an attempt, be it of another run or of this very one", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    await using other = await fakeWorker(node, "project:abc");
    await startDag(fetch, dagOf({ a: [] }));
    const a = await worker.take();
    const before = stateOf(node);
    for (const parts of RESULTS) await other.settled(other.report([a], parts));
    await other.log(a, [{ line: 1, time: 1, stream: "stdout", text: "forged" }]);
    assert.deepEqual(stateOf(node), before);
    await worker.finish(a, { outputs: { real: true } });
    const run = await getRun(fetch, a.run_id);
    assert.deepEqual(run.tasks[0]?.outputs, { real: true });
  });
});

Deno.test("a result that comes twice counts once, sent again or said anew", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    await startDag(fetch, dagOf({ a: [], b: ["a"], c: ["b"] }));
    const a = await worker.take();
    const results = [resultOf(a)];
    const txn = worker.send("io.cis.task.result", { results });
    await worker.settled(txn);
    const before = stateOf(node);
    worker.frames.length = 0;
    // The same message again, as after a lost confirmation, is confirmed again.
    worker.send("io.cis.task.result", { results }, txn);
    await worker.settled(txn);
    // A new message that says the same, and one that says otherwise.
    for (const parts of RESULTS) await worker.settled(worker.report([a, a], parts));
    assert.deepEqual(stateOf(node), before);
    assert.deepEqual(ids(await worker.takeAll()), ["b"]);
  });
});

Deno.test("two results for one attempt in one message: the first counts", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [] }));
    const a = await worker.take();
    const results = ["first", "second"].map((outputs) => ({ ...resultOf(a), outputs }));
    await worker.settled(worker.send("io.cis.task.result", { results }));
    await runEnded(node, run_id);
    const { tasks } = await getRun(fetch, run_id);
    assert.equal(tasks[0]?.outputs, "first");
    assert.equal(tasks[0]?.attempts.length, 1);
  });
});

Deno.test("a result after a cancel, and one for an attempt that was lost, change nothing", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
    const a = await worker.take();
    await act(fetch, run_id, "cancel");
    const before = stateOf(node);
    for (const parts of RESULTS) await worker.settled(worker.report([a], parts));
    assert.deepEqual(stateOf(node), before);
    assert.deepEqual(worker.cancelled, [a.lease]);

    // Given up by the worker, handed out again; then the first attempt's result comes after all.
    await startDag(fetch, dagOf({ a: [] }, { dag_id: "other" }));
    const first = await worker.take();
    await worker.finish(first, { status: "cancelled" });
    const second = await worker.take();
    assert.equal(second.attempt, 2);
    const running = stateOf(node);
    for (const parts of RESULTS) await worker.settled(worker.report([first], parts));
    assert.deepEqual(stateOf(node), running);
  });
});

const LATE = {
  ...{ status: "completed", exit_code: 0, error: null, error_code: null, outputs: { n: 1 } },
  received_at: undefined,
};

Deno.test("how an attempt ended is kept beside it, though it came after a cancel or a rescue", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: [] }));
    const [a, b] = await worker.takeAll();
    assert.ok(a && b);
    await worker.finish(b, { status: "cancelled", error: { code: "c", message: "gave up" } });
    const again = await worker.take();
    await act(fetch, run_id, "cancel");
    // That it was stopped says nothing new. Of what does, the first counts.
    await worker.settled(worker.report([a, again], { status: "cancelled" }));
    assert.deepEqual(await lateOf(fetch, run_id), [null, null, null]);
    await worker.settled(worker.report([a, again], { outputs: { n: 1 } }));
    const error = { code: "exit_code", message: "broke" };
    await worker.settled(worker.report([a, b], { status: "failed", exit_code: 1, error }));
    const failed = { status: "failed", exit_code: 1, error: "broke", error_code: "exit_code" };
    assert.deepEqual(await lateOf(fetch, run_id), [
      LATE,
      { ...LATE, ...failed, outputs: null },
      LATE,
    ]);
  });
});

Deno.test("how an attempt ended is kept beside it, though it came after the run's time", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: [] }, { timeout: "60s" }));
    const [a, b] = await worker.takeAll();
    assert.ok(a && b);
    await worker.finish(b);
    timer.advance(60_000);
    await runEnded(node, run_id);
    // Of an attempt that ended by its own result, a further one is nothing to keep.
    await worker.settled(worker.report([a, b], { outputs: { n: 1 } }));
    assert.deepEqual(await lateOf(fetch, run_id), [LATE, null]);
  }, { timer });
});

Deno.test("an attempt starts when it was handed out at the earliest, and before its result came", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: [], c: [] }));
    const before = new Date().toISOString();
    const tasks = await worker.takeAll();
    const moments = [9e15, -9e15, 0];
    for (const [n, task] of tasks.entries()) {
      await worker.finish(task, { started_at: moments[n], finished_at: moments[n] });
    }
    for (const { attempts: [attempt] } of (await getRun(fetch, run_id)).tasks) {
      const { started_at, finished_at } = attempt ?? {};
      assert.ok(started_at && finished_at);
      assert.ok(started_at >= before.slice(0, 19) && started_at <= finished_at, started_at);
    }
  });
});

Deno.test("log lines that come twice are kept once, and in order", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    await startDag(fetch, dagOf({ a: [] }));
    const a = await worker.take();
    const line = (number: number, text = `line ${number}`) =>
      ({ line: number, time: 1000 + number, stream: "stdout", text }) as const;
    await worker.log(a, [line(1), line(2)]);
    await worker.log(a, [line(2), line(3), line(3), line(1, "another text")]);
    await worker.finish(a);
    // Output of an ended attempt may still be under way.
    await worker.log(a, [line(4)]);
    const texts = node.logs.read({ runId: a.run_id }, { after: 0, limit: 100 })
      .map(({ text }) => text);
    assert.deepEqual(texts, ["line 1", "line 2", "line 3", "line 4"]);
  });
});

Deno.test("lines of attempts that this worker never had are dropped", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
    const a = await worker.take();
    const line = { line: 1, time: 1, stream: "stderr", text: "forged" } as const;
    for (
      const wrong of [
        { ...a, lease: crypto.randomUUID() },
        { ...a, attempt: 2 },
        { ...a, task_id: "b" },
        { ...a, run_id: "dag-run-nowhere" },
      ]
    ) await worker.log(wrong, [line]);
    assert.deepEqual(node.logs.read({ runId: run_id }, { after: 0, limit: 100 }), []);
    assert.equal(node.db.all("SELECT * FROM log_chunks").length, 0);
  });
});
