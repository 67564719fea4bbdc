/**
 * Things that are due at a time: expiry of confirmations, retries, deadlines. One timer for the
 * earliest of them; nothing is looked for at an interval. What an alarm is for is in the database,
 * so that a restart sets the same alarms again.
 */

/** Time as alarms need it; tests bring their own. */
export interface AlarmTimer {
  now(): number;
  /** Calls `fire` once after `ms`. @returns how to call it off */
  after(ms: number, fire: () => void): () => void;
}

/**
 * The longest sleep of a timer, in milliseconds. Timers count what the processor sees, alarms are for
 * what the clock shows: after a sleep of the machine, or when the clock is set, the two differ.
 */
const MAX_DELAY = 60_000;

/** The machine's clock. */
export const systemTimer: AlarmTimer = {
  now: Date.now,
  after: (ms, fire) => {
    const id = setTimeout(fire, Math.min(ms, MAX_DELAY));
    return () => clearTimeout(id);
  },
};

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

export class Alarms {
  readonly #timer: AlarmTimer;
  readonly #alarms = new Map<string, Alarm>();
  #next: { at: number; cancel: () => void } | undefined;
  #stopped = false;

  constructor(timer: AlarmTimer = systemTimer) {
    this.#timer = timer;
  }

  /** Sets the alarm of that name to a time in epoch milliseconds, in place of an earlier one. */
  set(name: string, at: number, ring: () => void): void {
    if (this.#stopped) return;
    this.#alarms.set(name, { at, ring });
    if (at < this.#nextAt()) this.#arm(at);
  }

  /** Calls an alarm off; nothing happens when there is none of that name. */
  clear(name: string): void {
    this.#alarms.delete(name);
  }

  /** Calls everything off for good. */
  stop(): void {
    this.#stopped = true;
    this.#alarms.clear();
    this.#next?.cancel();
    this.#next = undefined;
  }

  #nextAt(): number {
    return this.#next?.at ?? Infinity;
  }

  #arm(at: number): void {
    this.#next?.cancel();
    const delay = Math.max(0, at - this.#timer.now());
    this.#next = { at, cancel: this.#timer.after(delay, () => this.#ring()) };
  }

  #ring(): void {
    this.#next = undefined;
    const now = this.#timer.now();
    const due = [...this.#alarms].filter(([, alarm]) => alarm.at <= now)
      .sort(([, a], [, b]) => a.at - b.at);
    for (const [name, alarm] of due) {
      // An alarm that rang earlier in this loop may have set or cleared this one.
      if (this.#alarms.get(name) !== alarm) continue;
      this.#alarms.delete(name);
      alarm.ring();
    }
    if (this.#stopped) return;
    let earliest = Infinity;
    for (const alarm of this.#alarms.values()) earliest = Math.min(earliest, alarm.at);
    if (earliest < this.#nextAt()) this.#arm(earliest);
  }
}
