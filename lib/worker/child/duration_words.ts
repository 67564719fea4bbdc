/** A duration for people; lib/schema/duration.ts has it too, but brings zod along. */

const UNITS: readonly [ms: number, name: string][] = [
  [3_600_000, "h"],
  [60_000, "m"],
  [1_000, "s"],
];

/** `5s`, `10m`, `1h`, `250ms`, `1.5s`. */
export function durationWords(ms: number): string {
  const [size, name] = UNITS.find(([size]) => ms >= size && ms % size === 0) ??
    (ms >= 1_000 ? [1_000, "s"] : [1, "ms"]);
  return `${ms / size}${name}`;
}
