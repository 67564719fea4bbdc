/** What `analyze` says holds a DAG up, and what to do about it. */
import assert from "node:assert/strict";
import type { Analysis } from "../../lib/schema/analysis.ts";
import { FakeClock } from "../helpers/fake_clock.ts";
import { fakeWorker } from "../helpers/fake_worker.ts";
import {
  call,
  publishDag,
  runEnded,
  startDag,
  type TestFetch,
  withNode,
  withServedNode,
} from "../helpers/test_node.ts";
import { act, dagOf, withWorker } from "../helpers/with_worker.ts";

function analyze(fetch: TestFetch): Promise<Analysis> {
  return call(fetch, "/api/v1/dag/d/analyze", { method: "POST" });
}

/** What is told of each task, as `task code`. */
function codes({ blockers }: Analysis): string[] {
  return blockers.map(({ task_id, code }) => `${task_id ?? "run"} ${code}`);
}

Deno.test("before a run: a version that waits, and one whose time was over", async () => {
  const timer = new FakeClock();
  await withNode(async ({ node, fetch }) => {
    await publishDag(fetch, dagOf({ a: [] }));
    const waits = await analyze(fetch);
    assert.deepEqual(codes(waits), ["run waiting_confirmation"]);
    assert.match(waits.advice.join(), /confirm or reject "d"/);
    timer.advance(301_000);
    await node.expirer.runOnce();
    const expired = await analyze(fetch);
    assert.deepEqual([expired.status, ...codes(expired)], ["expired", "run expired"]);
    assert.deepEqual(expired.advice, ["publish it again"]);
  }, { timer });
});

Deno.test("in a run: each task that doesn't get on, why, and what to do", async () => {
  const timer = new FakeClock();
  await withWorker(async ({ fetch, worker }) => {
    const doc = dagOf({
      fails: { retry: { max_attempts: 2, delay: "1h", max_delay: "1h", jitter: 0 } },
      allowed: { on_failure: "ignorable" },
      asks: { level: { type: "confirmed" } },
      quiet: [],
      talks: [],
      after: ["quiet"],
    });
    const { run_id } = await startDag(fetch, doc);
    const tasks = new Map((await worker.takeAll()).map((task) => [task.task_id, task]));
    const task = (id: string) => tasks.get(id) ?? assert.fail(id);
    await worker.fail(task("fails"), "broke");
    await worker.fail(task("allowed"), "no luck");
    timer.advance(50_000);
    const line = { line: 1, time: timer.now(), stream: "stdout", text: "I am here" } as const;
    await worker.log(task("talks"), [line]);
    timer.advance(11_000);
    const found = await analyze(fetch);
    assert.deepEqual(codes(found), [
      "fails retry_wait",
      "allowed debt",
      "asks awaiting_decision",
      "quiet silent",
    ]);
    const [retry, debt, asked, silent] = found.blockers.map(({ message }) => message);
    assert.match(retry ?? "", /^it failed \(broke\) and is tried again at 2026-03-01T13:00:00/);
    assert.match(debt ?? "", /no luck.*allowed to pass/);
    assert.match(asked ?? "", /^it waits for decision-\S+ until 2026-03-02T12:00:00\.000Z: /);
    assert.match(silent ?? "", /printed nothing for 61 s/);
    assert.deepEqual(found.advice, [
      `decide: decision list --run ${run_id}`,
      `settle its debts: debt list --run ${run_id}`,
      `wait, or cancel it: run cancel ${run_id}`,
    ]);
    assert.deepEqual(found.last_log.map(({ text }) => text), ["I am here"]);
    await act(fetch, run_id, "cancel");
  }, { timer });
});

Deno.test("a failed run: which task, and how to go on", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
    await worker.fail(await worker.take(), "it broke");
    await runEnded(node, run_id);
    const found = await analyze(fetch);
    assert.deepEqual(found.blockers, [{ task_id: "a", code: "failed", message: "it broke" }]);
    assert.equal(found.status, "failed");
    assert.match(found.advice.join("\n"), /run logs .*\n.*run retry .*publish a new version/);
  });
});

Deno.test("a worker that isn't there: that it is, and where to look", async () => {
  await withServedNode(async ({ node, fetch }) => {
    await using worker = await fakeWorker(node, "global");
    const { run_id } = await startDag(fetch, dagOf({ a: [] }));
    await worker.take();
    node.supervisor.stop(worker.id);
    const found = await analyze(fetch);
    assert.deepEqual(codes(found), ["run worker_down"]);
    assert.match(found.blockers[0]?.message ?? "", /^its worker worker-global is stopping/);
    assert.deepEqual(found.advice, ["look at the worker's log: worker logs worker-global"]);
    await act(fetch, run_id, "cancel");
  });
});
