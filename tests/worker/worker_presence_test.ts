/** A worker's coming and going: its process, its connection, and what happens when nobody wants it. */
import assert from "node:assert/strict";
import type { WorkerEvent } from "../../lib/worker/worker_events.ts";
import { isIdle } from "../../lib/worker/worker_machine.ts";
import { has, Life, READY, START, states, timer } from "./worker_life.ts";

Deno.test("an idle worker ends after a while, unless a run wants it by then or a terminal has it", () => {
  const life = new Life();
  life.happen(START);
  assert.equal(timer(life.happen({ type: "idle" }), "idle"), undefined, "it only starts");
  life.happen(READY);
  assert.equal(timer(life.happen({ type: "idle" }), "idle"), 400);
  const due = { type: "due", timer: "idle" } as const;
  assert.deepEqual(life.happen(due), []);
  life.needed = false;
  const effects = life.happen(due);
  assert.deepEqual(states(effects), ["stopping"]);
  assert.deepEqual(life.machine.stopReason, "it had nothing to do");

  const terminal = new Life();
  terminal.happen({ ...START, managedBy: "cli" }, READY);
  assert.equal(timer(terminal.happen({ type: "idle" }), "idle"), undefined);
  assert.equal(terminal.machine.idleSince, terminal.now);
});

Deno.test("it has a time to come back after its connection, not while it stops or is killed", () => {
  const away = { type: "away" } as const;
  const life = new Life();
  life.happen(START, READY);
  assert.equal(life.machine.connected, true);
  assert.equal(timer(life.happen(away), "back"), 200);
  assert.equal(life.machine.connected, false);
  // Ready once more is no new life: nothing is told of it.
  const again = life.happen(READY);
  assert.deepEqual([states(again), timer(again, "hung")], [[], 300]);
  life.happen({ type: "stop", reason: "so be it", then: "nothing" });
  assert.equal(timer(life.happen(away), "back"), undefined);
  assert.equal(timer(life.happen(READY), "hung"), undefined, "it may take its time to end");

  const doomed = new Life();
  doomed.happen(START, READY, { type: "kill", reason: "it misbehaves" });
  assert.equal(doomed.machine.connected, false);
  assert.equal(timer(doomed.happen(away), "back"), undefined);
  assert.deepEqual(doomed.happen(READY), []);
  const gone = new Life();
  assert.equal(timer(gone.happen(away), "back"), undefined);
});

Deno.test("one that an earlier life of the node left is waited for, or goes on ending", () => {
  const found = { type: "found", alive: true } as const;
  const life = new Life();
  life.happen(START, READY);
  const running = life.happen(found);
  assert.deepEqual([timer(running, "back"), timer(running, "kill")], [200, undefined]);
  life.happen({ type: "stop", reason: "so be it", then: "nothing" });
  const stopping = life.happen(found);
  assert.deepEqual([timer(stopping, "back"), timer(stopping, "kill")], [undefined, 500]);
});

Deno.test("one that stops already isn't outdated by a change", () => {
  const life = new Life();
  life.happen(START, READY, { type: "stop", reason: "so be it", then: "nothing" });
  life.happen({ type: "outdated", reason: "its policy has changed" });
  assert.equal(life.machine.outdated, null);
});

Deno.test("it may make room while it runs idle, but not in a terminal and not when it is killed", () => {
  const idle = { type: "idle" } as const;
  const idleAfter = (...events: readonly WorkerEvent[]): boolean => {
    const life = new Life();
    life.happen(...events);
    return isIdle(life.machine);
  };
  assert.ok(idleAfter(START, READY, idle));
  assert.ok(!idleAfter(START, READY), "nobody said so");
  assert.ok(!idleAfter(START, READY, idle, { type: "needed" }));
  assert.ok(!idleAfter({ ...START, managedBy: "cli" }, READY, idle));
  assert.ok(!idleAfter(START, READY, idle, { type: "kill", reason: "it misbehaves" }));
  assert.ok(!idleAfter(START, READY, idle, { type: "leaving", reason: "SIGTERM", graceMs: 1 }));
});

Deno.test("the node starts a process for its own workers only, and it isn't connected yet", () => {
  for (const managedBy of ["node", "cli"] as const) {
    const life = new Life();
    const effects = life.happen({ ...START, managedBy });
    assert.equal(has(effects, "launch"), managedBy === "node");
    assert.equal(life.machine.connected, false);
  }
});
