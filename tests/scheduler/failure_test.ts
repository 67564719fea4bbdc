/** What a failure does, on the machine alone: debts, policies, run_if, rollback, the cause. */
import assert from "node:assert/strict";
import { keepAllBut, keepCompleted } from "../../lib/scheduler/kept_tasks.ts";
import { nodeAt, restoreRunMachine } from "../../lib/scheduler/run_machine.ts";
import { storedOf } from "./checked_run.ts";
import { makeSpec } from "./make_spec.ts";
import { RunDriver } from "./run_driver.ts";

const IGNORABLE = { on_failure: "ignorable" };
const UNDO = { rollback: ["undo"] };
const after = (...depends_on: string[]): { depends_on: string[] } => ({ depends_on });

Deno.test("an ignorable failure is a debt: what depends on it goes on, and the run completes", () => {
  const run = new RunDriver(makeSpec({ a: IGNORABLE, b: ["a"] }));
  run.start();
  run.claim();
  run.fail("a");
  assert.deepEqual(run.states(), { a: "debt", b: "ready" });
  run.completeAll();
  assert.deepEqual([run.machine.status, run.machine.error], ["completed", null]);
});

Deno.test("under allow_debt every failure is a debt but where blocking is said", () => {
  const run = new RunDriver(
    makeSpec({ a: [], b: { on_failure: "blocking" }, c: ["a"], d: ["b"] }, {
      policy: "allow_debt",
    }),
  );
  run.start();
  run.claimAll();
  run.fail("a");
  run.fail("b");
  assert.deepEqual(run.states(), { a: "debt", b: "failed", c: "ready", d: "skipped" });
  run.completeAll();
  assert.equal(run.machine.status, "failed");
});

Deno.test("first_success: the first task at an end of the DAG that completes decides, the rest is cancelled", () => {
  const run = new RunDriver(
    makeSpec({ a: [], a2: ["a"], b: [], c: [] }, { policy: "first_success" }),
  );
  run.start();
  run.claimAll();
  run.fail("c");
  run.complete("a");
  assert.equal(run.machine.status, "running", "a task in the middle decides nothing");
  run.claim();
  const lease = run.lease("b");
  const effects = run.complete("a2");
  assert.deepEqual(run.states(), { a: "completed", a2: "completed", b: "cancelled", c: "failed" });
  assert.deepEqual(effects.filter(({ type }) => type === "revoke"), [
    { type: "revoke", index: 2, lease, attempt: 1 },
  ]);
  assert.deepEqual([run.machine.status, run.machine.error], ["completed", null]);
});

Deno.test("votes about an alternative don't hold a run up that another one has decided", () => {
  const level = { type: "arbitrated", stakeholders: ["ann"] };
  const run = new RunDriver(
    makeSpec({ a: [], first: [], v: { ...after("first"), level } }, { policy: "first_success" }),
  );
  run.start();
  run.claimAll();
  run.complete("first");
  assert.equal(run.machine.status, "paused");
  run.complete("a");
  assert.deepEqual(run.states(), { a: "completed", first: "completed", v: "cancelled" });
  assert.equal(run.machine.status, "completed");
});

Deno.test("first_success fails when no end of the DAG completes; what runs on failure doesn't decide", () => {
  const run = new RunDriver(makeSpec({
    a: [],
    b: [],
    report: { ...after("a", "b"), run_if: "any_failed" },
  }, { policy: "first_success" }));
  run.start();
  run.claimAll();
  run.fail("b", "second-best");
  run.fail("a");
  run.completeAll();
  assert.equal(run.states().report, "completed");
  assert.equal(run.machine.status, "failed");
  assert.equal(run.machine.error, 'task "b" failed: second-best');
});

Deno.test("run_if: all_done comes after all, any_failed only after a failure, however far back", () => {
  const run = new RunDriver(makeSpec({
    a: [],
    mid: ["a"],
    fine: [],
    done: { ...after("mid", "fine"), run_if: "all_done" },
    alarm: { ...after("mid", "fine"), run_if: "any_failed" },
    quiet: { ...after("fine"), run_if: "any_failed" },
    behind: ["quiet"],
  }));
  run.start();
  run.claimAll();
  run.fail("a");
  assert.deepEqual([run.states().mid, run.states().alarm], ["skipped", "pending"]);
  run.complete("fine");
  assert.deepEqual(run.states(), {
    a: "failed",
    mid: "skipped",
    fine: "completed",
    done: "ready",
    alarm: "ready",
    quiet: "skipped",
    behind: "skipped",
  });
  run.completeAll();
  assert.equal(run.machine.status, "failed");
});

Deno.test("a debt is a failure for any_failed", () => {
  const run = new RunDriver(makeSpec({
    a: IGNORABLE,
    alarm: { ...after("a"), run_if: "any_failed" },
  }));
  run.start();
  run.claim();
  run.fail("a");
  assert.equal(run.claim(), "alarm");
});

Deno.test("a task that is skipped because nothing failed fails no run", () => {
  const run = new RunDriver(makeSpec({ a: [], alarm: { ...after("a"), run_if: "any_failed" } }));
  run.start();
  run.completeAll();
  assert.deepEqual(run.states(), { a: "completed", alarm: "skipped" });
  assert.equal(run.machine.status, "completed");
});

Deno.test("a failed run rolls back in the reverse order of completion, one task at a time", () => {
  const run = new RunDriver(makeSpec({ a: UNDO, b: UNDO, c: after("b"), d: after("c") }));
  run.start();
  run.claimAll();
  run.now -= 1;
  run.complete("b");
  run.now -= 1;
  run.complete("a");
  run.claim();
  const effects = run.fail("c", "no");
  assert.deepEqual(effects.slice(-3), [
    { type: "rolling_back", tasks: 2 },
    { type: "rollback", index: 1, from: null, to: "pending" },
    { type: "rollback", index: 0, from: null, to: "pending" },
  ]);
  assert.equal(run.machine.status, "running");
  assert.deepEqual(run.claimAll(), ["a"]);
  assert.equal(nodeAt(run.machine, 0).attempt, 2, "a rollback is an attempt of its own");
  run.complete("a");
  assert.deepEqual(run.claimAll(), ["b"]);
  assert.deepEqual(run.fail("b", "stuck").at(-1), { type: "run", from: "running", to: "failed" });
  assert.deepEqual(run.rollbacks(), { a: "done", b: "failed", c: null, d: null });
  assert.deepEqual([run.states().a, run.states().b], ["completed", "completed"]);
  assert.equal(
    run.machine.error,
    'task "c" failed: no; 1 task was skipped; 1 task was rolled back; rolling back "b" failed: stuck',
  );
});

Deno.test("a rollback whose worker is lost runs again, unless the task isn't idempotent", () => {
  for (const idempotent of [true, false]) {
    const run = new RunDriver(makeSpec({ a: { ...UNDO, idempotent }, b: ["a"] }));
    run.start();
    run.claim();
    run.complete("a");
    run.claim();
    run.fail("b");
    run.claim();
    run.lose("a");
    assert.equal(run.rollbacks().a, idempotent ? "pending" : "failed");
    const { error } = nodeAt(run.machine, 0);
    assert.match(error ?? "", idempotent ? /^[^;]+$/ : /; the task is not idempotent/);
    assert.equal(run.claim(), idempotent ? "a" : undefined);
  }
});

Deno.test("a run that is cancelled, or whose worker is gone, rolls nothing back", () => {
  for (const workerGone of [false, true]) {
    const run = new RunDriver(makeSpec({ a: UNDO, b: ["a"] }));
    run.start();
    run.claim();
    run.complete("a");
    const status = workerGone ? "failed" : "cancelled";
    run.happen({ type: "stop", status, reason: "enough", workerGone });
    assert.equal(run.machine.status, status);
    assert.equal(run.rollbacks().a, null);
    const told = workerGone ? "enough; 1 of its tasks could not be rolled back" : "enough";
    assert.equal(run.machine.error, told);
  }
});

Deno.test("a run that took too long rolls back, and its cause is the failure before that, if any", () => {
  const stop = { type: "stop", status: "failed", reason: "the run took too long" } as const;
  for (const fails of [true, false]) {
    const run = new RunDriver(makeSpec({ a: UNDO, b: [], c: [] }));
    run.start();
    run.claimAll();
    run.complete("a");
    if (fails) run.fail("b", "first");
    run.happen(stop);
    assert.deepEqual([run.machine.status, run.rollbacks().a], ["running", "pending"]);
    assert.deepEqual(run.happen(stop), [], "the time for the rollback is its own");
    run.completeAll();
    const cause = fails ? 'task "b" failed: first; then the run' : "the run";
    assert.equal(run.machine.error, `${cause} took too long; 1 task was rolled back`);
  }
});

Deno.test("an abort rolls back even while a person holds the run", () => {
  const level = { type: "recommended", default_action: "abort", timeout: "5m" };
  const run = new RunDriver(makeSpec({ a: UNDO, b: { level }, c: ["a", "b"] }));
  run.start();
  run.claim();
  run.complete("a");
  run.happen({ type: "pause" });
  run.decide("b", "expired", "nobody objected");
  assert.deepEqual([run.machine.status, run.rollbacks().a], ["running", "pending"]);
  run.completeAll();
  assert.equal(
    run.machine.error,
    'task "b" failed: nobody objected; 1 task was rolled back',
  );
});

Deno.test("a run rolls back what it did itself, not what it took over from another", () => {
  const spec = makeSpec({ kept: UNDO, a: ["kept"] });
  const earlier = new RunDriver(spec);
  earlier.start();
  earlier.completeAll();
  const { tasks } = storedOf(earlier.machine);
  const machine = restoreRunMachine(spec, {
    ...{ status: "queued", held: false, error: null },
    tasks: keepAllBut(tasks, 1),
  });
  const run = new RunDriver(spec, machine);
  run.start();
  assert.deepEqual(run.claimAll(), ["a"]);
  run.fail("a");
  assert.equal(run.machine.status, "failed");
  assert.equal(run.rollbacks().kept, null);
});

Deno.test("a retry keeps what completed, but not what was rolled back and what was built on it", () => {
  const spec = makeSpec({ a: UNDO, b: ["a"], c: [], d: ["b", "c"] });
  const run = new RunDriver(spec);
  run.start();
  for (const id of ["a", "c"]) {
    run.claimAll();
    run.complete(id);
  }
  run.claimAll();
  run.complete("b");
  run.claimAll();
  run.fail("d");
  run.completeAll();
  assert.equal(run.rollbacks().a, "done");
  const kept = keepCompleted(spec, storedOf(run.machine).tasks);
  assert.deepEqual(kept.map(({ status }) => status), [
    ...["pending", "pending", "completed", "pending"],
  ]);
});

Deno.test("before its start a run can be ended, but nothing of it cancelled or paused", () => {
  const run = new RunDriver(makeSpec({ a: [], b: { ...after("a"), run_if: "all_done" } }));
  assert.deepEqual(run.cancel("a"), []);
  assert.deepEqual(run.happen({ type: "pause" }), []);
  run.happen({ type: "stop", status: "cancelled", reason: "enough" });
  assert.equal(run.machine.status, "cancelled");
});

Deno.test("a cancel during the rollback ends it: the run has failed, and says what is left", () => {
  const failed = new RunDriver(makeSpec({ a: UNDO, b: UNDO, c: after("a", "b") }));
  failed.start();
  for (const id of failed.claimAll()) failed.complete(id);
  failed.claim();
  failed.fail("c", "no");
  failed.claim();
  const effects = failed.happen({ type: "stop", status: "cancelled", reason: "cancelled by ann" });
  assert.equal(effects.filter(({ type }) => type === "revoke").length, 1);
  assert.deepEqual(failed.rollbacks(), { a: "skipped", b: "skipped", c: null });
  assert.equal(failed.machine.status, "failed");
  assert.equal(
    failed.machine.error,
    'task "c" failed: no; the rollback was ended: cancelled by ann; 2 tasks were not rolled back',
  );
});

Deno.test("cancelling one task: what depends on it is skipped or goes on as its run_if says", () => {
  const run = new RunDriver(makeSpec({
    a: [],
    b: ["a"],
    c: { ...after("a"), run_if: "all_done" },
    d: { ...after("a"), run_if: "any_failed" },
    e: [],
  }));
  run.start();
  run.claim();
  const lease = run.lease("a");
  assert.deepEqual(run.cancel("a").slice(0, 2), [
    { type: "revoke", index: 0, lease, attempt: 1 },
    { type: "task", index: 0, from: "running", to: "cancelled" },
  ]);
  assert.deepEqual(run.states(), {
    a: "cancelled",
    b: "skipped",
    c: "ready",
    d: "ready",
    e: "ready",
  });
  assert.deepEqual(run.cancel("a"), []);
  run.completeAll();
  assert.equal(run.machine.status, "failed");
  assert.equal(run.machine.error, 'task "a" was cancelled by ann; 1 task was skipped');
});

Deno.test("a run goes on to complete without an ignorable task that was cancelled", () => {
  const run = new RunDriver(makeSpec({ a: IGNORABLE, b: [] }));
  run.start();
  run.cancel("a");
  run.completeAll();
  assert.equal(run.machine.status, "completed");
});

Deno.test("what may not start is refused: a task fails, a rollback fails, and no debt comes of it", () => {
  const run = new RunDriver(makeSpec({ a: UNDO, b: { ...IGNORABLE, ...after("a") } }));
  run.start();
  run.claim();
  run.complete("a");
  run.happen({ type: "refuse", index: 1, reason: "not permitted" });
  assert.equal(run.states().b, "failed");
  run.happen({ type: "refuse", index: 0, reason: "not permitted either" });
  assert.equal(run.rollbacks().a, "failed");
  assert.match(
    run.machine.error ?? "",
    /^task "b" failed: not permitted; rolling back "a" failed: not permitted either$/,
  );
});

Deno.test("of what is ready the longest chain starts first, then the id", () => {
  const run = new RunDriver(
    makeSpec({ z: [], long: [], mid: ["long"], end: ["mid"], b: [], c: ["b"] }),
  );
  run.start();
  assert.deepEqual(run.claimAll(), ["long", "b", "z"]);
});
