/** A node's clock that stands still until a test moves it. */
import type { AlarmTimer } from "../../lib/scheduler/alarms.ts";

export class FakeClock implements AlarmTimer {
  #now: number;
  readonly #alarms = new Set<{ at: number; fire: () => void }>();

  constructor(now: number = Date.parse("2026-03-01T12:00:00.000Z")) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fire: () => void): () => void {
    const alarm = { at: this.#now + ms, fire };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Moves on and fires what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    this.#now = end;
  }

  /** Moves on without any alarm: what must hold even where nobody woke in time. */
  jump(ms: number): void {
    this.#now += ms;
  }
}
