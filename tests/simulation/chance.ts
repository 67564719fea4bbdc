/** What happens by chance: the same for the same seed. */
import { seededRandom } from "../helpers/seeded_random.ts";

export class Chance {
  /** From 0 to 1. */
  readonly real: () => number;

  constructor(seed: number) {
    this.real = seededRandom(seed);
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.real() < probability;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.real() * (high - low + 1));
  }

  /** A time between two, short ones as likely as long ones. In milliseconds. */
  span(shortest: number, longest: number): number {
    return shortest * (longest / shortest) ** this.real();
  }

  /** One of several. */
  oneOf<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError("there is nothing to choose from");
    return list[Math.floor(this.real() * list.length)] as T;
  }
}
