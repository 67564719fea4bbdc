/** Which of several ready tasks starts first: by what is behind them, and by how long that took before. */
import assert from "node:assert/strict";
import { startOrder } from "../../lib/scheduler/start_order.ts";
import { ManualTimer } from "../helpers/manual_timer.ts";
import { call, runEnded, startDag, withNode } from "../helpers/test_node.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import { dagOf, ids, withWorker } from "../helpers/with_worker.ts";
import { makeSpec } from "./make_spec.ts";

function orderOf(
  tasks: Record<string, readonly string[]>,
  known?: Record<string, number>,
): string[] {
  const spec = makeSpec(tasks);
  const times = known === undefined ? undefined : new Map(Object.entries(known));
  return startOrder(spec.tasks, times).map((index) => spec.tasks[index]?.id ?? "");
}

Deno.test("nothing known: the longer chain first, then the lower id, whatever the file's order", () => {
  assert.deepEqual(orderOf({ z: [], c: ["b"], b: [], a: [] }), ["b", "a", "c", "z"]);
  assert.deepEqual(orderOf({ a: [], b: [], c: ["b"], z: [] }), ["b", "a", "c", "z"]);
});

Deno.test("known times count instead of the number of tasks", () => {
  const tasks = { a: [], b: ["a"], c: ["b"], long: [] };
  assert.deepEqual(orderOf(tasks, { a: 1, b: 1, c: 1, long: 10 }), ["long", "a", "b", "c"]);
  assert.deepEqual(orderOf(tasks, { a: 5, b: 5, c: 1, long: 10 }), ["a", "long", "b", "c"]);
});

Deno.test("a task that is new counts as long as the others on average", () => {
  assert.deepEqual(orderOf({ a: [], b: [], fresh: [] }, { a: 1, b: 9 }), ["b", "fresh", "a"]);
});

/** Two short tasks and a long one, the last by its id: a chain of its own each. */
const DAG = dagOf({ a: [], b: [], long: [] });
const RUN_AGAIN = "/api/v1/dag/d/run";
const ONE_SLOT = { policy: { defaults: { max_concurrent_tasks: 1 } } };
const TIMES: Readonly<Record<string, number>> = { a: 10, b: 30, long: 5_000 };

Deno.test("the next run of a DAG starts first what took longest, also after a restart", async () => {
  await withTempDir(async (dataDir) => {
    const timer = new ManualTimer();
    let again = "";
    await withWorker(async ({ fetch, node, worker }) => {
      const { run_id } = await startDag(fetch, DAG);
      const first: string[] = [];
      for (let n = 0; n < 3; n++) {
        const task = await worker.take();
        first.push(task.task_id);
        timer.advance(TIMES[task.task_id] ?? 0);
        await worker.finish(task);
      }
      assert.deepEqual(first, ["a", "b", "long"]);
      await runEnded(node, run_id);
      timer.advance(1);
      const begun = await call<{ run_id: string }>(fetch, RUN_AGAIN, { method: "POST" });
      again = begun.run_id;
      const task = await worker.take();
      assert.equal(task.task_id, "long");
      await worker.finish(task);
      assert.deepEqual(ids(await worker.takeAll()), ["b"]);
    }, { timer, dataDir, config: ONE_SLOT });
    await withNode(({ node }) => {
      const { order, spec } = node.engine.get(again)?.machine ?? {};
      assert.deepEqual(order?.map((index) => spec?.tasks[index]?.id), ["long", "b", "a"]);
      return Promise.resolve();
    }, { timer, dataDir, config: { port: 1 } });
  });
});

Deno.test("a run that failed teaches nothing, and a task that was skipped has no time", async () => {
  const timer = new ManualTimer();
  await withWorker(async ({ fetch, node, worker }) => {
    const { run_id } = await startDag(fetch, DAG);
    for (const id of ["a", "b"]) {
      const task = await worker.take();
      assert.equal(task.task_id, id);
      timer.advance(TIMES[id] ?? 0);
      await worker.finish(task);
    }
    await worker.fail(await worker.take(), "no luck");
    await runEnded(node, run_id);
    timer.advance(1);
    await call(fetch, RUN_AGAIN, { method: "POST" });
    assert.equal((await worker.take()).task_id, "a");
  }, { timer, config: ONE_SLOT });
});
