/** Which tasks are handed out, when, in which order and with what. */
import assert from "node:assert/strict";
import { getRun, runEnded, startDag } from "../helpers/test_node.ts";
import { dagOf, ids, taskStates, withWorker } from "../helpers/with_worker.ts";

Deno.test("a task is handed out when the last of its dependencies has completed, and not before", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ a: [], b: [], join: ["a", "b"], after: ["join"] }),
    );
    const [a, b, ...more] = await worker.takeAll();
    assert.ok(a && b);
    assert.deepEqual([a.task_id, b.task_id, ...ids(more)], ["a", "b"]);
    await worker.finish(b);
    assert.deepEqual(ids(await worker.takeAll()), []);
    assert.equal((await taskStates(fetch, run_id))["join"], "pending");
    await worker.finish(a);
    const [join, ...rest] = await worker.takeAll();
    assert.ok(join);
    assert.deepEqual([join.task_id, ...ids(rest)], ["join"]);
    await worker.finish(join);
    await worker.finish(await worker.take());
    await runEnded(node, run_id);
    assert.equal((await getRun(fetch, run_id)).status, "completed");
  });
});

Deno.test("what depends on a failed task is skipped, also at a distance; the rest goes on", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ bad: [], good: [], after: ["bad"], later: ["after", "good"], apart: ["good"] }),
    );
    const [bad, good] = await worker.takeAll();
    assert.ok(bad && good);
    await worker.fail(bad, "it broke");
    await worker.finish(good);
    const rest = await worker.takeAll();
    assert.deepEqual(ids(rest), ["apart"]);
    for (const task of rest) await worker.finish(task);
    await runEnded(node, run_id);
    const run = await getRun(fetch, run_id);
    assert.equal(run.status, "failed");
    assert.equal(run.error, 'task "bad" failed: it broke; 2 tasks were skipped');
    assert.deepEqual(await taskStates(fetch, run_id), {
      bad: "failed",
      good: "completed",
      after: "skipped",
      later: "skipped",
      apart: "completed",
    });
  });
});

Deno.test("max_parallel bounds a run, and each end lets one more start", async () => {
  await withWorker(async ({ fetch, worker }) => {
    await startDag(fetch, dagOf({ a: [], b: [], c: [], d: [] }, { max_parallel: 2 }));
    const first = await worker.takeAll();
    assert.deepEqual(ids(first), ["a", "b"]);
    for (const [done, next] of [["a", "c"], ["c", "d"]]) {
      const task = [...worker.held.values()].find(({ task_id }) => task_id === done);
      assert.ok(task);
      await worker.finish(task);
      assert.deepEqual(ids(await worker.takeAll()), [next]);
      assert.equal(worker.held.size, 2);
    }
  });
});

Deno.test("a worker gets no more tasks than it has slots, over all of its runs; noop takes none", async () => {
  await withWorker(async ({ fetch, worker }) => {
    await startDag(fetch, dagOf({ a: [], b: [] }, { dag_id: "one" }));
    await startDag(fetch, dagOf({ c: [], d: [], n: { type: "noop" } }, { dag_id: "two" }));
    const tasks = await worker.takeAll();
    assert.deepEqual(ids(tasks), ["a", "b", "c", "n"], "three slots, and n needs none");
    const [a] = tasks;
    assert.ok(a);
    await worker.finish(a);
    assert.deepEqual(ids(await worker.takeAll()), ["d"]);
  }, { config: { policy: { defaults: { max_concurrent_tasks: 3 } } } });
});

Deno.test("when a slot is free the most urgent run goes first, then the oldest", async () => {
  await withWorker(async ({ fetch, worker }) => {
    await startDag(fetch, dagOf({ busy: [] }, { dag_id: "busy", priority: "low" }));
    let [running] = await worker.takeAll();
    for (
      const [dag_id, priority] of [
        ["low", "low"],
        ["medium", "medium"],
        ["urgent", "urgent"],
        ["high", "high"],
        ["urgent2", "URGENT"],
      ]
    ) await startDag(fetch, dagOf({ [String(dag_id)]: [] }, { dag_id, priority }));
    assert.deepEqual(ids(await worker.takeAll()), []);
    const order: string[] = [];
    while (running !== undefined) {
      await worker.finish(running);
      [running] = await worker.takeAll();
      if (running !== undefined) order.push(running.task_id);
    }
    assert.deepEqual(order, ["urgent", "urgent2", "high", "medium", "low"]);
  }, { config: { policy: { defaults: { max_concurrent_tasks: 1 } } } });
});

Deno.test("outputs go to those that depend on the task, by its id, and to nobody else", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ text: [], list: [], nothing: [], all: ["text", "list", "nothing"], one: ["list"] }),
    );
    const outputs: Record<string, unknown> = {
      text: { said: 'a\n"b" \u0000 ü 🙂', $CIS: "$(rm -rf /)" },
      list: [1, [2, null], { three: 3.5 }],
    };
    for (const task of await worker.takeAll()) {
      await worker.finish(task, { outputs: (outputs[task.task_id] ?? null) as null });
    }
    const later = await worker.takeAll();
    const inputs = Object.fromEntries(later.map((task) => [task.task_id, task.inputs]));
    assert.deepEqual(inputs, { all: outputs, one: { list: outputs["list"] } });
    const run = await getRun(fetch, run_id);
    assert.deepEqual(run.tasks.map((task) => task.outputs), [
      outputs["text"],
      outputs["list"],
      null,
      null,
      null,
    ]);
  });
});

Deno.test("a dispatch says all that the task needs: its work, variables and time limit", async () => {
  await withWorker(async ({ fetch, worker }) => {
    const { run_id } = await startDag(fetch, {
      dag_id: "d",
      scope: { type: "global" },
      env: { A: "dag", B: "dag" },
      tasks: [
        {
          id: "t",
          type: "shell",
          command: "make",
          cwd: "sub",
          env: { B: "task" },
          timeout: "5m",
        },
        { id: "u-free", type: "noop" },
      ],
    });
    const [task, free] = await worker.takeAll();
    assert.ok(task && free);
    // What the policy makes of the task is tested with the policy.
    const { lease, permissions: _, walls: _walls, limits: _limits, secrets: _secrets, ...rest } =
      task;
    assert.match(lease, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      run_id,
      task_id: "t",
      attempt: 1,
      dag_id: "d",
      work: { type: "shell", command: "make", cwd: "sub" },
      env: { A: "dag", B: "task" },
      inputs: {},
      timeout_ms: 300_000,
    });
    assert.equal(free.timeout_ms, 6 * 3_600_000, "the longest that the policy lets a task take");
    assert.notEqual(free.lease, lease);
  });
});

Deno.test("a run waits for its worker, and gets it without anybody asking", async () => {
  await withWorker(async ({ fetch, worker }) => {
    await worker.disconnect();
    await startDag(fetch, dagOf({ a: [] }));
    await worker.connect();
    assert.equal((await worker.take()).task_id, "a");
  });
});

Deno.test("a worker that says it is ending gets nothing more", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
    const a = await worker.take();
    await worker.settled(
      worker.send("io.cis.worker.shutdown", { reason: "it got SIGTERM", grace_ms: 6000 }),
    );
    await worker.finish(a);
    assert.deepEqual(ids(await worker.takeAll()), []);
    assert.deepEqual(await taskStates(fetch, run_id), { a: "completed", b: "ready" });
    // Its process ends, and a real one takes its place.
    await worker.kill();
    await runEnded(node, run_id);
    const run = await getRun(fetch, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.deepEqual(
      run.tasks.map(({ attempts }) => attempts.map(({ status }) => status)),
      [["completed"], ["completed"]],
    );
  });
});
