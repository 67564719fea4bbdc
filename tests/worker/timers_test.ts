import assert from "node:assert/strict";
import { type TimerClock, Timers } from "../../lib/worker/timers.ts";

/** A clock that stands still until a test moves it; what is due then fires however late it is. */
class FakeClock implements TimerClock {
  time = 0;
  readonly #timers = new Set<{ readonly at: number; readonly fire: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, fire: () => void): () => void {
    const timer = { at: this.time + ms, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves on as if the process had been stopped meanwhile. */
  jump(ms: number): void {
    this.time += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.time || !this.#timers.delete(timer)) continue;
      timer.fire();
    }
  }
}

Deno.test("a patient timer that fires late gives the whole time again", () => {
  const clock = new FakeClock();
  const timers = new Timers<"hung">(clock);
  let fired = 0;
  timers.setPatient("hung", 10_000, () => fired++);
  clock.jump(3_600_000);
  assert.equal(fired, 0, "the node was asleep for an hour");
  clock.jump(9_999);
  assert.equal(fired, 0);
  clock.jump(1);
  assert.equal(fired, 1);
});

Deno.test("a patient timer that fires in time does so, a little lateness included", () => {
  const clock = new FakeClock();
  const timers = new Timers<"hung">(clock);
  let fired = 0;
  timers.setPatient("hung", 10_000, () => fired++);
  clock.jump(10_500);
  assert.equal(fired, 1);
});

Deno.test("a timer that is set again or cleared doesn't fire for the time before", () => {
  const clock = new FakeClock();
  const timers = new Timers<"idle" | "kill">(clock);
  const fired: string[] = [];
  timers.set("idle", 10, () => fired.push("first"));
  timers.set("idle", 20, () => fired.push("second"));
  timers.set("kill", 10, () => fired.push("kill"));
  timers.clear("kill");
  clock.jump(10);
  assert.deepEqual(fired, []);
  clock.jump(10);
  assert.deepEqual(fired, ["second"]);
  assert.equal(timers.has("idle"), false);
});
