/** Levels, on the machine alone: what is asked, and what each answer does. */
import assert from "node:assert/strict";
import { nodeAt, type Verdict } from "../../lib/scheduler/run_machine.ts";
import { makeSpec } from "./make_spec.ts";
import { RunDriver } from "./run_driver.ts";

const CONFIRMED = { type: "confirmed" };
const VOTED = { type: "arbitrated", stakeholders: ["ann", "bob"], threshold: 1 };
const countdown = (default_action: string): object => ({
  type: "recommended",
  default_action,
  timeout: "5m",
});
const APPROVAL = { type: "approval", command: undefined };

Deno.test("a decision is asked for when the task is about to start, not before, and once", () => {
  const retry = { max_attempts: 2, jitter: 0 };
  const run = new RunDriver(makeSpec({ a: [], b: { depends_on: ["a"], level: CONFIRMED, retry } }));
  run.start();
  run.claim();
  assert.deepEqual(run.complete("a").filter(({ type }) => type === "ask"), [
    { type: "ask", index: 1 },
  ]);
  assert.deepEqual(run.states(), { a: "completed", b: "awaiting_decision" });
  assert.equal(run.claim(), undefined);
  run.decide("b", "approved");
  assert.equal(run.claim(), "b");
  run.fail("b");
  assert.deepEqual(run.happen({ type: "retry_due", index: 1 }), [
    { type: "task", index: 1, from: "retry_wait", to: "ready" },
  ]);
  run.claim();
  run.lose("b");
  assert.equal(run.claim(), "b", "neither a retry nor a lost worker is a reason to ask again");
});

// What each verdict makes of the task, of one that depends on it, and of the run.
const TABLE: [object, Verdict, string, string, string][] = [
  [CONFIRMED, "approved", "ready", "pending", "running"],
  [CONFIRMED, "rejected", "failed", "skipped", "failed"],
  [CONFIRMED, "expired", "failed", "skipped", "failed"],
  [CONFIRMED, "missed", "failed", "skipped", "failed"],
  [countdown("execute"), "approved", "ready", "pending", "running"],
  [countdown("execute"), "rejected", "failed", "skipped", "failed"],
  [countdown("execute"), "expired", "ready", "pending", "running"],
  [countdown("execute"), "missed", "failed", "skipped", "failed"],
  [countdown("skip"), "approved", "ready", "pending", "running"],
  [countdown("skip"), "rejected", "skipped", "skipped", "completed"],
  [countdown("skip"), "expired", "skipped", "skipped", "completed"],
  [countdown("skip"), "missed", "skipped", "skipped", "completed"],
  [countdown("abort"), "approved", "ready", "pending", "running"],
  [countdown("abort"), "rejected", "failed", "cancelled", "failed"],
  [countdown("abort"), "expired", "failed", "cancelled", "failed"],
  [VOTED, "approved", "ready", "pending", "running"],
  [VOTED, "rejected", "failed", "skipped", "failed"],
  [VOTED, "expired", "failed", "skipped", "failed"],
];
for (const [level, verdict, task, after, status] of TABLE) {
  Deno.test(`${JSON.stringify(level)}, ${verdict}: the task is ${task}, the run ${status}`, () => {
    // A no is no failure of the task's own, so that on_failure doesn't come into it.
    const run = new RunDriver(makeSpec({ a: { level, on_failure: "ignorable" }, b: ["a"] }));
    run.start();
    run.decide("a", verdict);
    assert.deepEqual(run.states(), { a: task, b: after });
    assert.equal(run.machine.status, status);
    if (status === "failed") assert.match(run.machine.error ?? "", new RegExp(`${verdict} by ann`));
  });
}

Deno.test("an approval is a gate without work: a yes completes it, a no fails it", () => {
  const run = new RunDriver(makeSpec({ ask: APPROVAL, after: ["ask"] }));
  run.start();
  assert.deepEqual(run.states(), { ask: "awaiting_decision", after: "pending" });
  run.decide("ask", "approved");
  assert.deepEqual(run.states(), { ask: "completed", after: "ready" });
  assert.equal(nodeAt(run.machine, 0).attempt, 0, "nothing was carried out");
  const other = new RunDriver(makeSpec({ ask: APPROVAL, after: ["ask"] }));
  other.start();
  other.decide("ask", "rejected");
  assert.deepEqual(other.states(), { ask: "failed", after: "skipped" });
});

Deno.test("votes pause the run: what runs goes on, nothing starts, and the outcome lets it go on", () => {
  const run = new RunDriver(makeSpec({ a: [], b: ["a"], v: { level: VOTED } }));
  assert.deepEqual(run.start().at(-1), { type: "run", from: "running", to: "paused" });
  assert.equal(run.claim(), undefined);
  const events = run.decide("v", "approved");
  assert.deepEqual(events.at(-1), { type: "run", from: "paused", to: "running" });
  assert.deepEqual(run.claimAll(), ["a", "v"]);
});

Deno.test("a resume doesn't start what stakeholders hold up, nor votes what a person does", () => {
  const run = new RunDriver(makeSpec({ a: [], v: { level: VOTED } }));
  run.start();
  run.happen({ type: "resume" });
  assert.equal(run.machine.status, "paused");
  assert.deepEqual(run.happen({ type: "pause" }), [{ type: "held", held: true }]);
  run.decide("v", "approved");
  assert.equal(run.machine.status, "paused");
  run.happen({ type: "resume" });
  assert.equal(run.machine.status, "running");
});

Deno.test("a decision that comes too late changes nothing", () => {
  const run = new RunDriver(makeSpec({ a: { level: CONFIRMED }, b: [] }));
  run.start();
  run.cancel("a");
  for (const verdict of ["approved", "rejected", "expired"] as const) {
    assert.deepEqual(run.decide("a", verdict), []);
    assert.deepEqual(run.decide("b", verdict), [], "nothing was asked");
  }
});
