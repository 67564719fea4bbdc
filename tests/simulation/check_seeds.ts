/** A test of many seeds: one that fails is named with the command that shows what happens in it. */
import { simulate } from "./simulation.ts";

/** How many seeds each of the test files takes. */
export const SEEDS_PER_FILE = 2_500;

/** Registers a test of `SEEDS_PER_FILE` seeds; `part` counts from 0. */
export function testSeeds(part: number): void {
  const first = 1 + part * SEEDS_PER_FILE;
  const last = first + SEEDS_PER_FILE - 1;
  Deno.test(`whatever fails around it, the scheduler keeps its promises: seeds ${first} to ${last}`, async () => {
    for (let seed = first; seed <= last; seed++) {
      try {
        await simulate({ seed });
      } catch (cause) {
        throw new Error(`see what happens with: deno task simulate --seed ${seed}`, { cause });
      }
    }
  });
}
