/** Which bounds hold tasks and runs back, who gets the places, and what a run says that it waits for. */
import assert from "node:assert/strict";
import { type FakeWorker, fakeWorker } from "../helpers/fake_worker.ts";
import { ManualTimer } from "../helpers/manual_timer.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import {
  call,
  getRun,
  runEnded,
  startDag,
  storeShows,
  withNode,
  withServedNode,
} from "../helpers/test_node.ts";
import { act, dagOf, ids, taskStates, withWorker } from "../helpers/with_worker.ts";
import type { Analysis } from "../../lib/schema/analysis.ts";

const grouped = (...names: string[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, { group: "db" }]));

Deno.test("runs of one worker take turns: the oldest doesn't get all the slots", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const wide = (name: string): object =>
      dagOf(Object.fromEntries([1, 2, 3, 4].map((n) => [`${name}${n}`, []])), { dag_id: name });
    await startDag(fetch, wide("a"));
    assert.deepEqual(ids(await worker.takeAll()), ["a1", "a2"]);
    await startDag(fetch, wide("b"));
    await startDag(fetch, wide("c"));
    const order: string[] = [];
    while (worker.held.size > 0) {
      const [first] = [...worker.held.values()];
      assert.ok(first);
      await worker.finish(first);
      order.push(...ids(await worker.takeAll()));
    }
    assert.deepEqual(order, ["b1", "c1", "a3", "b2", "c2", "a4", "b3", "c3", "b4", "c4"]);
  }, { config: { policy: { defaults: { max_concurrent_tasks: 2 } } } });
});

Deno.test("who waits long enough goes before the more urgent", async () => {
  let now = Date.parse("2026-03-01T12:00:00Z");
  const timer = { now: () => now, after: () => () => {} };
  await withWorker(async ({ fetch, worker }) => {
    await startDag(fetch, dagOf({ busy: [] }, { dag_id: "busy" }));
    const busy = await worker.take();
    await startDag(fetch, dagOf({ low: [] }, { dag_id: "low", priority: "low" }));
    now += 4 * 60_000;
    await startDag(
      fetch,
      dagOf({ urgent: [], more: [] }, { dag_id: "urgent", priority: "urgent" }),
    );
    await worker.finish(busy);
    const low = await worker.take();
    assert.equal(low.task_id, "low");
    await worker.finish(low);
    assert.deepEqual(ids(await worker.takeAll()), ["more"]);
  }, { config: { policy: { defaults: { max_concurrent_tasks: 1 } } }, timer });
});

Deno.test("a group of a DAG is bounded over its runs; what isn't in it passes", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const doc = dagOf({ ...grouped("g1", "g2", "g3"), free: [] }, { groups: { db: 2 } });
    const { run_id } = await startDag(fetch, doc);
    const first = await worker.takeAll();
    assert.deepEqual(ids(first), ["free", "g1", "g2"], "free doesn't wait behind g3");
    await call(fetch, "/api/v1/dag/d/run", { method: "POST" });
    assert.deepEqual(ids(await worker.takeAll()), ["free"], "the second run shares the places");
    const { tasks, queue } = await getRun(fetch, run_id);
    assert.deepEqual(tasks.map(({ waiting }) => waiting?.code ?? null), [
      null,
      null,
      "group_limit",
      null,
    ]);
    assert.equal(
      tasks[2]?.waiting?.message,
      '2 of the group "db" are running, and the DAG allows 2',
    );
    assert.deepEqual(queue, { pending: 0, ready: 1, running: 3 });
    const inGroup = first.find(({ task_id }) => task_id === "g1");
    assert.ok(inGroup);
    await worker.fail(inGroup, "broke");
    assert.equal((await worker.takeAll()).length, 1, "a place is free again after a failure");
  });
});

async function withTwoWorkers(
  config: object,
  use: (
    test: Parameters<Parameters<typeof withServedNode>[0]>[0] & {
      readonly one: FakeWorker;
      readonly two: FakeWorker;
    },
  ) => Promise<void>,
): Promise<void> {
  await withServedNode(async (test) => {
    await using one = await fakeWorker(test.node, "project:one");
    await using two = await fakeWorker(test.node, "project:two");
    await use({ ...test, one, two });
  }, { config });
}

const of = (project_id: string, tasks: Record<string, object>): object =>
  dagOf(tasks, { dag_id: project_id, scope: { type: "project", project_id } });

for (
  const [bound, config] of [
    ["max_running_tasks", { max_running_tasks: 2 }],
    ["a group of the node", { task_groups: { db: 2 } }],
  ] as const
) {
  Deno.test(`${bound} holds over all workers, and what one gives free is another's`, async () => {
    await withTwoWorkers(config, async ({ fetch, one, two }) => {
      await startDag(fetch, of("one", grouped("a1", "a2", "a3")));
      const first = await one.takeAll();
      assert.deepEqual(ids(first), ["a1", "a2"]);
      const { run_id } = await startDag(fetch, of("two", grouped("b1", "b2")));
      assert.deepEqual(ids(await two.takeAll()), []);
      const [b1] = (await getRun(fetch, run_id)).tasks;
      assert.equal(b1?.waiting?.code, bound === "max_running_tasks" ? "node_limit" : "group_limit");
      for (const task of first) await one.finish(task);
      const [a3, ...others] = [...await one.takeAll(), ...await two.takeAll()];
      assert.ok(a3);
      assert.equal(others.length, 1, "two places for two tasks");
      assert.deepEqual([a3.task_id, ...ids(others)].sort(), ["a3", "b1"]);
    });
  });
}

Deno.test("max_active_runs of a DAG: further runs wait, say so, and start by themselves", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id: first } = await startDag(fetch, dagOf({ a: [] }, { max_active_runs: 1 }));
    const second = await call<{ run_id: string }>(fetch, "/api/v1/dag/d/run", { method: "POST" });
    const task = await worker.take();
    const run = await getRun(fetch, second.run_id);
    assert.equal(run.status, "queued");
    assert.equal(run.waiting?.code, "max_active_runs");
    assert.match(
      run.waiting?.message ?? "",
      /1 runs of "d" are open, and its max_active_runs is 1/,
    );
    const analysis = await call<Analysis>(fetch, "/api/v1/dag/d/analyze", { method: "POST" });
    assert.deepEqual(analysis.blockers[0], { task_id: null, ...run.waiting });
    await worker.finish(task);
    await runEnded(node, first);
    assert.equal((await worker.take()).run_id, second.run_id);
  });
});

Deno.test("max_running_runs bounds the node; the most urgent of those that wait is next", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    await startDag(fetch, dagOf({ a: [] }, { dag_id: "first" }));
    const running = await worker.take();
    const ids = new Map<string, string>();
    for (const [dag_id, priority] of [["low", "low"], ["high", "high"]]) {
      const { run_id } = await startDag(fetch, dagOf({ b: [] }, { dag_id, priority }));
      ids.set(String(dag_id), run_id);
      assert.equal((await getRun(fetch, run_id)).waiting?.code, "node_limit");
    }
    await worker.finish(running);
    await storeShows(node, () => node.runs.load(ids.get("high") ?? "")?.status === "running");
    assert.equal(node.runs.load(ids.get("low") ?? "")?.status, "queued");
    await act(fetch, ids.get("high") ?? "", "cancel");
    await storeShows(node, () => node.runs.load(ids.get("low") ?? "")?.status === "running");
  }, { config: { max_running_runs: 1 } });
});

Deno.test("a queued run can be cancelled, and the next one comes up", async () => {
  await withWorker(async ({ fetch, worker }) => {
    await startDag(fetch, dagOf({ a: [] }, { max_active_runs: 1 }));
    const task = await worker.take();
    const [second, third] = [
      await call<{ run_id: string }>(fetch, "/api/v1/dag/d/run", { method: "POST" }),
      await call<{ run_id: string }>(fetch, "/api/v1/dag/d/run", { method: "POST" }),
    ];
    assert.equal((await act(fetch, second.run_id, "cancel")).status, "cancelled");
    await worker.finish(task);
    assert.equal((await worker.take()).run_id, third.run_id);
  });
});

Deno.test("a run that ends while the node starts makes room for those that wait", async () => {
  const timer = new ManualTimer();
  await withTempDir(async (dataDir) => {
    const runs: string[] = [];
    await withNode(async ({ fetch }) => {
      const dag = dagOf({ a: { type: "approval" } }, { max_active_runs: 1 });
      runs.push((await startDag(fetch, dag)).run_id);
      const next = await call<{ run_id: string }>(fetch, "/api/v1/dag/d/run", { method: "POST" });
      runs.push(next.run_id);
    }, { dataDir, timer });
    timer.advance(86_400_000);
    await withNode(async ({ node }) => {
      const status = (n: number): string | undefined => node.runs.load(runs[n] ?? "")?.status;
      assert.equal(status(0), "failed", "nobody could say yes in time");
      await storeShows(node, () => status(1) === "running");
    }, { dataDir, timer });
  });
});

Deno.test("each task says what it waits for", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ a: { retry: 3 }, b: [], c: [], d: ["a", "b"] }, { max_parallel: 2 }),
    );
    const [a] = await worker.takeAll();
    assert.ok(a);
    const waits = async (): Promise<Record<string, string | undefined>> => {
      const { tasks } = await getRun(fetch, run_id);
      return Object.fromEntries(tasks.map(({ task_id, waiting }) => [task_id, waiting?.code]));
    };
    assert.deepEqual(await waits(), {
      a: undefined,
      b: undefined,
      c: "max_parallel",
      d: "dependencies",
    });
    await worker.fail(a, "broke");
    await worker.takeAll();
    assert.equal((await waits())["a"], "retry");
    await act(fetch, run_id, "pause");
    const b = [...worker.held.values()].find(({ task_id }) => task_id === "b");
    assert.ok(b);
    await worker.finish(b);
    const view = await getRun(fetch, run_id);
    assert.equal(view.tasks[3]?.waiting?.message, "it waits for a");
  });
});

Deno.test("a ready task says that its worker is not up, or has no slot", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: [] }));
    await worker.takeAll();
    const [, b] = (await getRun(fetch, run_id)).tasks;
    assert.deepEqual(b?.waiting, {
      code: "worker_slot",
      message: "1 of the 1 slots of worker-global are taken",
    });
  }, { config: { policy: { defaults: { max_concurrent_tasks: 1 } } } });
  await withServedNode(async ({ node, fetch }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ a: [] }, { scope: { type: "user", user_id: "u" } }),
    );
    const [a] = (await getRun(fetch, run_id)).tasks;
    assert.ok(a?.status === "running" || a?.waiting?.code === "worker_starting", a?.status);
    await runEnded(node, run_id);
  });
});

Deno.test("one task and what depends on it run again; the others' results stay and reach them", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const doc = dagOf({ a: [], b: ["a"], c: ["b"], other: ["a"] });
    const { run_id } = await startDag(fetch, doc);
    for (let done = 0; done < 4; done++) {
      const task = await worker.take();
      await worker.finish(task, { outputs: { from: task.task_id } });
    }
    await runEnded(node, run_id);
    const answer = await act(fetch, run_id, "retry", { task_id: "b" });
    const b = await worker.take();
    assert.equal(b.task_id, "b");
    assert.deepEqual(b.inputs, { a: { from: "a" } });
    assert.deepEqual(await taskStates(fetch, answer.run_id), {
      a: "completed",
      b: "running",
      c: "pending",
      other: "completed",
    });
    await worker.finish(b, { outputs: { from: "b again" } });
    const c = await worker.take();
    assert.deepEqual(c.inputs, { b: { from: "b again" } });
    await worker.finish(c);
    await runEnded(node, answer.run_id);
    const run = await getRun(fetch, answer.run_id);
    assert.deepEqual([run.status, run.retry_of], ["completed", run_id]);
    assert.deepEqual(run.tasks.map(({ attempts }) => attempts.length), [0, 1, 1, 0]);
    for (
      const [body, status] of [[{ task_id: "zzz" }, 404], [
        { task_id: "b", from_scratch: true },
        400,
      ]]
    ) {
      const response = await fetch(`/api/v1/runs/${run_id}/retry`, {
        method: "POST",
        body: body as object,
      });
      assert.equal(response.status, status);
      await response.body?.cancel();
    }
  });
});
