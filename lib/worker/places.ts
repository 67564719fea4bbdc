/**
 * How many workers there may be at once, and who comes next. A worker that finds no place waits in
 * line; where an idle one can make room it is told to end, the longest idle first. Busy ones never
 * are.
 */
import type { WorkerMachine } from "./worker_events.ts";
import { isIdle, isUp } from "./worker_machine.ts";

/** What places are given to. */
export interface Guest extends WorkerMachine {
  readonly workerId: string;
}

export class Places {
  readonly #limit: number;
  readonly #guests: ReadonlyMap<string, Guest>;
  /** Reasons why they want to start, by worker, in the order of their coming. */
  readonly #waiting = new Map<string, string>();

  /** @param guests every worker there is, up or not; looked at whenever something is asked */
  constructor(limit: number, guests: ReadonlyMap<string, Guest>) {
    this.#limit = limit;
    this.#guests = guests;
  }

  /** Puts a worker in line; one that stands there already keeps its place in it. */
  queue(workerId: string, reason: string): void {
    if (!this.#waiting.has(workerId)) this.#waiting.set(workerId, reason);
  }

  /** Takes a worker out of the line. */
  leave(workerId: string): void {
    this.#waiting.delete(workerId);
  }

  /** Whether a worker stands in line. */
  isWaiting(workerId: string): boolean {
    return this.#waiting.has(workerId);
  }

  /** The next in line, taken out of it; undefined when there is none or no place. */
  next(): { readonly workerId: string; readonly reason: string } | undefined {
    if (this.#taken() >= this.#limit) return undefined;
    for (const [workerId, reason] of this.#waiting) {
      this.#waiting.delete(workerId);
      return { workerId, reason };
    }
    return undefined;
  }

  /** Who has to end for those in line that no ending worker makes room for yet. */
  evictable(): { readonly workerId: string; readonly inFavourOf: string } | undefined {
    let ending = 0;
    let longest: Guest | undefined;
    for (const guest of this.#guests.values()) {
      if (guest.status === "stopping") ending++;
      if (!isIdle(guest)) continue;
      if (longest === undefined || (guest.idleSince ?? 0) < (longest.idleSince ?? 0)) {
        longest = guest;
      }
    }
    const inFavourOf = [...this.#waiting.keys()][ending];
    if (longest === undefined || inFavourOf === undefined) return undefined;
    return { workerId: longest.workerId, inFavourOf };
  }

  /** Whether one more fits in beside those that are up and those in line. */
  get isFull(): boolean {
    return this.#taken() + this.#waiting.size >= this.#limit;
  }

  /** Why a worker that stands in line doesn't start. */
  explain(): string {
    return `waits for a place: ${this.#taken()} workers are running, the limit is ${this.#limit}`;
  }

  #taken(): number {
    let taken = 0;
    for (const guest of this.#guests.values()) if (isUp(guest)) taken++;
    return taken;
  }
}
