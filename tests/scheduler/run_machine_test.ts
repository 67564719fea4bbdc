import assert from "node:assert/strict";
import { durationMs } from "../../lib/schema/duration.ts";
import { RUN_STATES } from "../../lib/schema/states.ts";
import { MAX_LOSSES, nodeAt, type RunEffect } from "../../lib/scheduler/run_machine.ts";
import { makeSpec } from "./make_spec.ts";
import { RunDriver as Driver } from "./run_driver.ts";

Deno.test("a diamond runs in the order of its dependencies and completes", () => {
  const run = new Driver(makeSpec({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] }));
  assert.equal(run.machine.status, "queued");
  assert.equal(run.claim(), undefined);
  run.start();
  assert.deepEqual(run.claimAll(), ["a"]);
  run.complete("a");
  assert.deepEqual(run.claimAll(), ["b", "c"]);
  run.complete("c");
  assert.deepEqual(run.claimAll(), []);
  run.complete("b");
  assert.deepEqual(run.claimAll(), ["d"]);
  assert.equal(run.machine.status, "running");
  const effects = run.complete("d");
  assert.deepEqual(effects, [
    { type: "task", index: 3, from: "running", to: "completed" },
    { type: "run", from: "running", to: "completed" },
  ]);
  assert.equal(run.machine.completed, 4);
  assert.equal(run.machine.error, null);
});

Deno.test("a failure skips what depends on it, however far; the rest goes on to its end", () => {
  const run = new Driver(makeSpec({ a: [], b: ["a"], c: ["b"], d: ["c", "x"], x: [], y: ["x"] }));
  run.start();
  assert.deepEqual(run.claimAll(), ["a", "x"]);
  run.fail("a", "exit code 2");
  assert.deepEqual(run.states(), {
    a: "failed",
    b: "skipped",
    c: "skipped",
    d: "skipped",
    x: "running",
    y: "pending",
  });
  assert.equal(run.machine.status, "running");
  run.complete("x");
  run.claim();
  run.complete("y");
  assert.equal(run.machine.status, "failed");
  assert.equal(run.machine.error, 'task "a" failed: exit code 2; 3 tasks were skipped');
  assert.match(nodeAt(run.machine, 2).error ?? "", /"b" skipped/);
});

Deno.test("the run's error names the task that failed first", () => {
  const run = new Driver(makeSpec({ a: [], b: [] }));
  run.start();
  run.claimAll();
  run.fail("b", "first");
  run.fail("a", "second");
  assert.equal(run.machine.error, 'task "b" failed: first');
});

Deno.test("a failed attempt is tried again after its wait, as often as the spec says", () => {
  const retry = { max_attempts: 3, delay: "10s", multiplier: 3, jitter: 0 };
  const run = new Driver(makeSpec({ a: { retry }, b: ["a"] }));
  run.start();
  const waits: number[] = [];
  for (const attempt of [1, 2]) {
    run.claim();
    assert.equal(nodeAt(run.machine, 0).attempt, attempt);
    run.fail("a");
    const { retryAt, status } = nodeAt(run.machine, 0);
    assert.equal(status, "retry_wait");
    waits.push((retryAt ?? 0) - run.now);
    assert.equal(run.claim(), undefined);
    run.happen({ type: "retry_due", index: 0 });
    assert.equal(nodeAt(run.machine, 0).retryAt, null);
  }
  assert.deepEqual(waits, [durationMs("10s"), durationMs("30s")]);
  run.claim();
  run.fail("a", "the last straw");
  assert.deepEqual(run.states(), { a: "failed", b: "skipped" });
  assert.equal(
    run.machine.error,
    'task "a" failed after 3 attempts: the last straw; 1 task was skipped',
  );
});

Deno.test("a lost attempt is run again and doesn't count as a failure", () => {
  const run = new Driver(makeSpec({ a: [] }));
  run.start();
  run.claim();
  const old = run.lease("a");
  assert.deepEqual(run.lose("a"), [{ type: "task", index: 0, from: "running", to: "ready" }]);
  assert.equal(run.claim(), "a");
  assert.notEqual(run.lease("a"), old);
  assert.equal(nodeAt(run.machine, 0).attempt, 2);
  assert.equal(nodeAt(run.machine, 0).failures, 0);
  run.complete("a");
  assert.equal(run.machine.status, "completed");
});

Deno.test("a lost attempt of a task that isn't idempotent fails it", () => {
  const run = new Driver(makeSpec({ a: { idempotent: false } }));
  run.start();
  run.claim();
  run.lose("a");
  assert.deepEqual(run.states(), { a: "failed" });
  assert.match(run.machine.error ?? "", /gone; the task is not idempotent/);
});

Deno.test(`a task that ${MAX_LOSSES} workers were lost with fails`, () => {
  const run = new Driver(makeSpec({ a: [] }));
  run.start();
  for (let loss = 1; loss < MAX_LOSSES; loss++) {
    run.claim();
    run.lose("a");
    assert.deepEqual(run.states(), { a: "ready" });
  }
  run.claim();
  run.lose("a");
  assert.deepEqual(run.states(), { a: "failed" });
});

Deno.test("an old lease changes nothing", () => {
  const run = new Driver(makeSpec({ a: [] }));
  run.start();
  run.claim();
  const lease = run.lease("a");
  run.lose("a");
  run.claim();
  const before = structuredClone(run.machine);
  const index = 0;
  for (
    const event of [
      { type: "completed", index, lease, hasOutputs: true },
      { type: "failed", index, lease, error: "late", random: 0 },
      { type: "lost", index, lease, reason: "late" },
      { type: "claim", index, lease: "another" },
      { type: "retry_due", index },
      { type: "start" },
      { type: "completed", index: 7, lease, hasOutputs: true },
    ] as const
  ) {
    assert.deepEqual(run.happen(event), [], event.type);
    assert.deepEqual(structuredClone(run.machine), before, event.type);
  }
});

Deno.test("max_parallel bounds what runs, noop included; slots count all but noop", () => {
  const run = new Driver(
    makeSpec({ a: { type: "noop", command: undefined }, b: [], c: [] }, { max_parallel: 2 }),
  );
  run.start();
  assert.deepEqual(run.claimAll(), ["a", "b"]);
  assert.equal(run.machine.running, 2);
  assert.equal(run.machine.slots, 1);
  run.complete("a");
  assert.deepEqual(run.claimAll(), ["c"]);
  assert.equal(run.machine.slots, 2);
});

Deno.test("stop ends every open task and revokes exactly what runs", () => {
  const retry = { max_attempts: 2, jitter: 0 };
  const run = new Driver(makeSpec({ a: [], b: [], c: { retry }, d: ["a"], e: [] }));
  run.start();
  run.claimAll();
  run.complete("e");
  run.fail("c");
  run.lose("b");
  const lease = run.lease("a");
  const effects = run.happen({ type: "stop", status: "cancelled", reason: "enough" });
  assert.deepEqual(run.states(), {
    a: "cancelled",
    b: "cancelled",
    c: "cancelled",
    d: "cancelled",
    e: "completed",
  });
  assert.deepEqual(effects.filter(({ type }) => type === "revoke"), [
    { type: "revoke", index: 0, lease, attempt: 1 },
  ]);
  assert.equal(run.machine.status, "cancelled");
  assert.equal(run.machine.open, 0);
  assert.equal(run.machine.running, 0);
  assert.equal(nodeAt(run.machine, 2).retryAt, null);
});

Deno.test("an ended run takes no event", () => {
  const run = new Driver(makeSpec({ a: [] }));
  for (const status of RUN_STATES.filter((s) => ["completed", "failed", "cancelled"].includes(s))) {
    run.machine.status = status;
    assert.deepEqual(run.start(), []);
    assert.deepEqual(run.happen({ type: "stop", status: "failed", reason: "x" }), []);
  }
});

Deno.test("a skill task, which nothing here can run, fails closed when its turn comes", () => {
  const run = new Driver(makeSpec({
    skill: { type: "skill", skill: "x", command: undefined, on_failure: "ignorable" },
    after: ["skill"],
    fine: [],
  }));
  run.start();
  assert.deepEqual(run.states(), { skill: "failed", after: "skipped", fine: "ready" });
  run.claim();
  run.complete("fine");
  assert.equal(run.machine.status, "failed");
  assert.match(run.machine.error ?? "", /"skill" failed: no skill "x" is installed/);
});

Deno.test("a chain of 10,000 tasks skips to its end without a stack overflow", () => {
  const tasks: Record<string, readonly string[]> = { t0: [] };
  for (let n = 1; n < 10_000; n++) tasks[`t${n}`] = [`t${n - 1}`];
  const run = new Driver(makeSpec(tasks));
  run.start();
  run.claim();
  run.fail("t0");
  assert.equal(run.machine.status, "failed");
  assert.equal(run.machine.open, 0);
});

Deno.test("a ready task that is refused fails without an attempt and is not tried again", () => {
  const retry = { max_attempts: 5 };
  const run = new Driver(makeSpec({ a: { retry }, b: ["a"], c: [] }));
  run.start();
  const effects = run.happen({
    type: "refuse",
    index: run.index("a"),
    reason: "not_permitted: no",
  });
  assert.deepEqual(effects.map((effect) => effect.type === "task" && effect.to), [
    "failed",
    "skipped",
  ]);
  const { status, attempt, error, finishedAt } = nodeAt(run.machine, run.index("a"));
  assert.deepEqual([status, attempt, error], ["failed", 0, "not_permitted: no"]);
  assert.equal(finishedAt, run.now);
  assert.deepEqual(run.claimAll(), ["c"]);
  run.complete("c");
  assert.equal(run.machine.status, "failed");
  assert.match(run.machine.error ?? "", /^task "a" failed: not_permitted: no; 1 task was skipped$/);
});

Deno.test("only a task that is ready can be refused", () => {
  const run = new Driver(makeSpec({ a: [], b: ["a"] }));
  const refuse = (id: string): RunEffect[] =>
    run.happen({ type: "refuse", index: run.index(id), reason: "no" });
  assert.deepEqual(refuse("a"), []);
  run.start();
  assert.deepEqual(refuse("b"), []);
  run.claim();
  assert.deepEqual(refuse("a"), []);
});
