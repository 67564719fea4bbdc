/** Time that moves from one thing that is due to the next. Its clock can be set, as a machine's can. */
import type { AlarmTimer } from "../../lib/scheduler/alarms.ts";

interface Due {
  readonly at: number;
  readonly fire: () => void;
}

export class VirtualTime implements AlarmTimer {
  #elapsed = 0;
  #offset = Date.parse("2027-01-15T08:00:00Z");
  /** The next is the last; of those of one moment, the first to be set. */
  readonly #waiting: Due[] = [];

  /** Milliseconds since the beginning; never goes back. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** What the clock shows, in epoch milliseconds. */
  now(): number {
    return this.#offset + Math.floor(this.#elapsed);
  }

  /** Sets the clock on or, with less than 0, back. */
  jump(ms: number): void {
    this.#offset += ms;
  }

  /** Calls `fire` once after `ms`, whatever the clock shows then. @returns how to call it off */
  after(ms: number, fire: () => void): () => void {
    const due = { at: this.#elapsed + Math.max(0, ms), fire };
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#waiting[middle]?.at ?? 0) > due.at) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, due);
    return () => {
      const place = this.#waiting.indexOf(due);
      if (place >= 0) this.#waiting.splice(place, 1);
    };
  }

  /** Moves on to what is due next, and lets it happen. @returns false when nothing is due any more */
  step(): boolean {
    const due = this.#waiting.pop();
    if (due === undefined) return false;
    this.#elapsed = due.at;
    due.fire();
    return true;
  }
}
