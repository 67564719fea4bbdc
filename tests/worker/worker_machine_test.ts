/** Crashes, restarts and ends of a worker. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { WORKER_TRANSITIONS, type WorkerState } from "../../lib/schema/states.ts";
import type { TimerName, WorkerEvent } from "../../lib/worker/worker_events.ts";
import { isUp } from "../../lib/worker/worker_machine.ts";
import { has, Life, READY, SETTINGS, START, states, timer } from "./worker_life.ts";

Deno.test("a crash is followed by a longer wait each time, and by the end at the limit", () => {
  const life = new Life();
  assert.equal(timer(life.crash(), "restart"), 50);
  assert.equal(life.machine.restartAt, life.now + 50);
  assert.equal(timer(life.crash(), "restart"), 200);
  const last = life.crash();
  assert.deepEqual(states(last), ["crashed", "failed"]);
  assert.ok(has(last, "given_up"));
  assert.equal(timer(last, "restart"), undefined);
  assert.equal(life.machine.error, "it broke");
  assert.equal(life.machine.restarts, 2);
});

Deno.test("who lived for long has its earlier crashes forgiven", () => {
  const life = new Life();
  life.crash();
  life.crash();
  assert.deepEqual(states(life.crash(60_000)), ["crashed"]);
  assert.equal(life.machine.crashesInRow, 1);
});

Deno.test("restart forgets the crashes and doesn't wait", () => {
  const life = new Life();
  for (let crash = 0; crash < 3; crash++) life.crash();
  assert.ok(has(life.happen({ type: "restart", reason: "somebody said so" }), "want"));
  assert.equal(life.machine.crashesInRow, 0);
});

Deno.test("a run that comes during the wait doesn't shorten it, one after it does", () => {
  const life = new Life();
  life.crash();
  assert.deepEqual(has(life.happen({ type: "needed" }), "want"), false);
  life.now += 50;
  assert.ok(has(life.happen({ type: "needed" }), "want"));
});

Deno.test("a crash that nobody waits for is followed by no start", () => {
  const life = new Life();
  life.needed = false;
  const effects = life.crash();
  assert.deepEqual(states(effects), ["crashed"]);
  assert.equal(timer(effects, "restart"), undefined);
});

Deno.test("a process that was gone when the node started is no crash in a row", () => {
  const life = new Life();
  life.crash();
  life.happen(START, READY);
  life.happen({ type: "found", alive: false });
  assert.deepEqual([life.machine.status, life.machine.crashesInRow], ["crashed", 1]);
});

Deno.test("the wait goes on after a restart of the node, for what is left of it", () => {
  const life = new Life();
  life.crash();
  life.now += 20;
  assert.equal(timer(life.happen({ type: "found", alive: false }), "restart"), 30);
});

for (
  const [name, before] of [["ready", [START]], ["back", [START, READY, { type: "away" }]], [
    "hung",
    [START, READY],
  ]] as const
) {
  Deno.test(`a worker whose time for "${name}" is over is killed, and that is why it crashed`, () => {
    const life = new Life();
    assert.ok(timer(life.happen(...before), name));
    const effects = life.happen({ type: "due", timer: name });
    assert.deepEqual(effects.at(-1), { type: "signal", signal: "SIGKILL" });
    life.happen({ type: "ended", reason: "it was ended by SIGKILL" });
    assert.match(life.machine.error ?? "", /within \d+ ms$|for \d+ ms, so it was killed$/);
    assert.equal(life.machine.status, "crashed");
  });
}

Deno.test("stop lets it finish, and kills it when it doesn't", () => {
  const life = new Life();
  life.needed = false;
  life.happen(START, READY);
  const asked = life.happen({ type: "stop", then: "nothing", reason: "somebody stopped it" });
  assert.deepEqual(asked.at(-1), { type: "signal", signal: "SIGTERM" });
  assert.equal(timer(asked, "kill"), SETTINGS.stopGraceMs);
  assert.deepEqual(life.happen({ type: "due", timer: "kill" }), [
    { type: "signal", signal: "SIGKILL" },
  ]);
  const [, end] = life.happen({ type: "ended", reason: "SIGKILL" });
  assert.equal(life.machine.status, "stopped");
  assert.match(end?.type === "state" ? end.reason : "", /not done in time/);
  assert.ok(!has(life.happen({ type: "stop", then: "nothing", reason: "again" }), "forget"));
});

Deno.test("who leaves by itself is replaced while a run wants it, and that is no crash", () => {
  const life = new Life();
  life.happen(START, READY, { type: "leaving", reason: "it got SIGTERM", graceMs: 6_000 });
  const effects = life.happen({ type: "ended", reason: "code 0" });
  assert.deepEqual(states(effects), ["stopped"]);
  assert.ok(has(effects, "want"));
  assert.equal(life.machine.crashesInRow, 0);
});

Deno.test("an outdated worker ends only once it is settled, and starts again", () => {
  const life = new Life();
  life.needed = false;
  life.happen(START, { type: "outdated", reason: "its policy has changed" });
  assert.deepEqual(life.happen({ type: "settled" }), []);
  life.happen(READY);
  const effects = life.happen({ type: "settled" });
  assert.deepEqual(states(effects), ["stopping"]);
  assert.ok(has(life.happen({ type: "ended", reason: "code 0" }), "want"));
});

const anyEvent: fc.Arbitrary<WorkerEvent> = fc.oneof(
  fc.constantFrom<WorkerEvent>(
    START,
    { ...START, managedBy: "cli" },
    READY,
    { type: "away" },
    { type: "found", alive: true },
    { type: "found", alive: false },
    { type: "ended", reason: "it ended" },
    { type: "stop", reason: "stop", then: "nothing" },
    { type: "stop", reason: "stop", then: "start" },
    { type: "stop", reason: "stop", then: "forget" },
    { type: "restart", reason: "restart" },
    { type: "leaving", reason: "leaving", graceMs: 10 },
    { type: "kill", reason: "kill" },
    { type: "needed" },
    { type: "idle" },
    { type: "outdated", reason: "outdated" },
    { type: "settled" },
  ),
  fc.constantFrom<TimerName>("ready", "back", "hung", "restart", "kill", "idle").map((name) => ({
    type: "due" as const,
    timer: name,
  })),
);

Deno.test("whatever happens in whatever order, states follow the table and no wait is left over", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyEvent, fc.boolean(), fc.nat(100_000)), { maxLength: 60 }),
      (events) => {
        const life = new Life();
        let state: WorkerState = "stopped";
        for (const [event, needed, ms] of events) {
          life.needed = needed;
          life.now += ms;
          const effects = life.happen(event);
          for (const to of states(effects)) {
            assert.ok(WORKER_TRANSITIONS[state].includes(to), `${state} → ${to} by ${event.type}`);
            state = to;
          }
          const { machine } = life;
          assert.equal(machine.status, state);
          assert.ok(machine.restartAt === null || state === "crashed", "a wait without a crash");
          // What is told to end or is doomed can't hang about: something is on its way.
          if (has(effects, "signal")) assert.ok(isUp(machine));
          if (!isUp(machine)) assert.equal(machine.connected, false);
          if (has(effects, "launch")) assert.equal(state, "starting");
        }
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("after the wait for a restart it starts again where a run wants it, with the reason", () => {
  for (const needed of [true, false]) {
    const life = new Life();
    life.crash();
    life.needed = needed;
    const effects = life.happen({ type: "due", timer: "restart" });
    const want = { type: "want", reason: "again, after: it broke" };
    assert.deepEqual(effects, needed ? [want] : []);
  }
  const up = new Life();
  up.happen(START, READY);
  assert.deepEqual(up.happen({ type: "due", timer: "restart" }), []);
});

Deno.test("restart of one that is up lets it finish, and starts it again", () => {
  const life = new Life();
  life.happen(START, READY);
  assert.deepEqual(states(life.happen({ type: "restart", reason: "somebody said so" })), [
    "stopping",
  ]);
  assert.ok(has(life.happen({ type: "ended", reason: "exit 0" }), "want"));
});

Deno.test("one that ends by itself has the time that it asked for, and the usual one at least", () => {
  for (const [graceMs, ms] of [[60_000, 65_000], [0, 5_000]] as const) {
    const life = new Life();
    life.happen(START, READY);
    const effects = life.happen({ type: "leaving", reason: "it got SIGTERM", graceMs });
    assert.deepEqual([states(effects), timer(effects, "kill")], [["stopping"], ms]);
  }
});

Deno.test("a run that comes while it stops has it started again", () => {
  const life = new Life();
  life.happen(START, READY, { type: "stop", reason: "idle", then: "nothing" }, { type: "needed" });
  assert.ok(has(life.happen({ type: "ended", reason: "exit 0" }), "want"));
  const forgotten = new Life();
  forgotten.happen(START, READY, { type: "stop", reason: "its run is over", then: "forget" });
  forgotten.happen({ type: "needed" });
  const ended = forgotten.happen({ type: "ended", reason: "exit 0" });
  assert.deepEqual([has(ended, "want"), has(ended, "forget")], [false, true]);
});
