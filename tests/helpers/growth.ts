/** Whether work grows with what there is to do, and no faster. */
import assert from "node:assert/strict";

/** Other processes take time away from some tries, but seldom from all. */
const TRIES = 12;
/** Between 4, for four times as much to do in linear time, and 16 in quadratic time. */
const MOST_TIMES = 10;

/**
 * Holds two amounts of the same work against each other, whatever the machine.
 * @param large four times as much to do as `small`, which takes some milliseconds at least
 */
export function assertLinear(small: () => void, large: () => void): void {
  let [least, most] = [Infinity, Infinity];
  for (let n = 0; n < TRIES && !(most / least < MOST_TIMES); n++) {
    least = Math.min(least, timeOf(small));
    most = Math.min(most, timeOf(large));
  }
  const times = (most / least).toFixed(1);
  assert.ok(most / least < MOST_TIMES, `four times as much takes ${times} times as long`);
}

function timeOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
