/** Named timers of one thing: setting one again moves it, and all can be called off at once. */

/** Time as timers need it; tests bring their own. */
export interface TimerClock {
  /** Milliseconds that never go back, from some moment on. */
  now(): number;
  /** Calls `fire` once after `ms`. @returns how to call it off */
  after(ms: number, fire: () => void): () => void;
}

/** Longest span that setTimeout takes. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const SYSTEM_CLOCK: TimerClock = {
  now: () => performance.now(),
  after: (ms, fire) => {
    const id = setTimeout(fire, Math.min(ms, MAX_DELAY_MS));
    return () => clearTimeout(id);
  },
};

/** A timer that is later than this fires late because this process itself was held up. */
const LATE_MS = 1_000;

export class Timers<Name extends string> {
  readonly #clock: TimerClock;
  readonly #timers = new Map<Name, () => void>();

  constructor(clock: TimerClock = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  /** Calls `fire` once after `ms`, in place of an earlier timer of that name. */
  set(name: Name, ms: number, fire: () => void): void {
    this.clear(name);
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(name);
      fire();
    });
    this.#timers.set(name, cancel);
  }

  /**
   * As `set`, for how long somebody else may take. Where this process was held up itself (stopped,
   * asleep with its machine, out of breath), it can't have heard from others meanwhile: they get
   * the whole time again.
   */
  setPatient(name: Name, ms: number, fire: () => void): void {
    const due = this.#clock.now() + ms;
    this.set(name, ms, () => {
      if (this.#clock.now() - due > LATE_MS) this.setPatient(name, ms, fire);
      else fire();
    });
  }

  /** Whether a timer of that name runs. */
  has(name: Name): boolean {
    return this.#timers.has(name);
  }

  /** Calls a timer off. */
  clear(name: Name): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  /** Calls every timer off. */
  clearAll(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
