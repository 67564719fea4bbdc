/**
 * How a worker behaves towards its node, counted over all connections of one life of it. A mistake
 * is tolerated, many of them end the connection, and who goes on after that is expelled.
 */

/** What becomes of who misbehaved. */
export type Verdict = "tolerate" | "close" | "expel";

/** Points on one connection that end it. */
export const MAX_POINTS = 20;
/** Connections that are ended for misbehaviour before the process is. */
export const MAX_CLOSED = 3;
/** After so long without misbehaviour all is forgotten. */
const FORGIVEN_MS = 60_000;

export class Conduct {
  readonly #now: () => number;
  #points = 0;
  #closed = 0;
  #last = -Infinity;

  /** @param now milliseconds that never go back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Counts a misbehaviour.
   * @param weight in points; Infinity for what ends the connection by itself
   */
  judge(weight: number): Verdict {
    const now = this.#now();
    if (now - this.#last > FORGIVEN_MS) this.#points = this.#closed = 0;
    this.#last = now;
    this.#points += weight;
    if (this.#points < MAX_POINTS) return "tolerate";
    this.#points = 0;
    return ++this.#closed >= MAX_CLOSED ? "expel" : "close";
  }
}
