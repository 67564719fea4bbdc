/** When a crashed worker comes back, and when it is given up. Pure. */

/** How long a worker has to live for its earlier crashes to be forgiven, in milliseconds. */
const STEADY_MS = 60_000;
const FIRST_WAIT_MS = 50;
const MAX_WAIT_MS = 30_000;
const GROWTH = 4;
const JITTER = 0.2;
/** No crashed worker waits longer than this for its restart, in milliseconds. */
export const LONGEST_WAIT_MS = MAX_WAIT_MS * (1 + JITTER);

/**
 * How many crashes in a row there are now.
 * @param before crashes in a row until this one
 * @param livedMs how long the process lived
 */
export function crashesInRow(before: number, livedMs: number): number {
  return livedMs >= STEADY_MS ? 1 : before + 1;
}

/**
 * How long to wait before the next start: 50 ms, then four times as long each time, at most 30 s,
 * give or take a fifth so that many workers don't come back at once.
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function restartWait(crashes: number, random: number): number {
  const wait = Math.min(FIRST_WAIT_MS * GROWTH ** (crashes - 1), MAX_WAIT_MS);
  return Math.round(wait * (1 - JITTER + 2 * JITTER * random));
}

/** What became of a process, in words, with the first of the last things that it said. */
export function describeEnd(
  status: { readonly code: number; readonly signal: string | null },
  lastLines: readonly string[],
): string {
  const how = status.signal === null
    ? `ended with code ${status.code}`
    : `was ended by ${status.signal}`;
  const said = lastLines.map((line) => line.trim()).find((line) => line !== "");
  return `the process ${how}${status.code === 0 || said === undefined ? "" : `: ${said}`}`;
}
