/** Time that stands still until a test moves it, for everything that a node stores or waits for. */
import type { AlarmTimer } from "../../lib/scheduler/alarms.ts";

export class ManualTimer implements AlarmTimer {
  #time = Date.parse("2027-01-15T08:00:00Z");
  readonly #waiting = new Set<{ readonly at: number; readonly fire: () => void }>();

  now(): number {
    return this.#time;
  }

  after(ms: number, fire: () => void): () => void {
    const waiting = { at: this.#time + ms, fire };
    this.#waiting.add(waiting);
    return () => void this.#waiting.delete(waiting);
  }

  /** How long until the next alarm, in milliseconds; undefined when none is set. */
  get next(): number | undefined {
    const times = [...this.#waiting].map(({ at }) => at - this.#time);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Moves on by some milliseconds and fires what falls due on the way. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const [due] = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (due === undefined) break;
      this.#waiting.delete(due);
      this.#time = Math.max(this.#time, due.at);
      due.fire();
    }
    this.#time = end;
  }
}
