import { z } from "zod";
import { customIssue } from "./checked.ts";
import { quote } from "./quote.ts";

/** Units from small to large, in milliseconds. */
const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;

const DURATION_PATTERN = /^(\d{1,15}(?:\.\d{1,20})?) ?(ms|s|m|h|d)?$/;

/** The longest duration that a document may hold: 366 days, in milliseconds. */
export const MAX_DURATION_MS = 366 * UNITS.d;

/**
 * Reads a duration: text such as `"250ms" "5s" "10m" "1.5h" "2d"`, or seconds as a
 * number or as bare digits. Parts of a millisecond are rounded.
 *
 * @returns milliseconds, or undefined when the value is not a duration
 */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === "number") return wholeMilliseconds(value * UNITS.s);
  const match = DURATION_PATTERN.exec(value.trim());
  if (match === null) return undefined;
  const unit = (match[2] ?? "s") as Unit;
  return wholeMilliseconds(Number(match[1]) * UNITS[unit]);
}

function wholeMilliseconds(ms: number): number | undefined {
  const rounded = Math.round(ms);
  return Number.isSafeInteger(rounded) && rounded >= 0 ? rounded : undefined;
}

/**
 * Writes milliseconds in canonical form: a whole number of the largest unit that
 * divides them exactly, so that equal durations are equal text.
 */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  const units = Object.entries(UNITS).reverse();
  const [unit, size] = units.find(([, size]) => ms % size === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}

/**
 * The milliseconds of a duration that is known to be valid, such as one from a parsed
 * document.
 *
 * @throws {RangeError} when the text is not a duration
 */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new RangeError(`${quote(text)} is not a duration`);
  return ms;
}

const HOW_TO_WRITE = 'write text such as "250ms", "5s", "10m" or "1h", or a number of seconds';

/** A duration in any accepted form; comes out as canonical text. */
export const Duration = z.union([z.string(), z.number()], {
  error: ({ input }) =>
    input === undefined
      ? `is required; ${HOW_TO_WRITE}`
      : `${quote(input)} is not a duration; ${HOW_TO_WRITE}`,
}).transform((value, context) => {
  const ms = parseDuration(value);
  if (ms !== undefined && ms <= MAX_DURATION_MS) return formatDuration(ms);
  const message = ms === undefined
    ? `${quote(value)} is not a duration; ${HOW_TO_WRITE}`
    : `${quote(value)} is longer than ${formatDuration(MAX_DURATION_MS)}`;
  context.issues.push(
    customIssue(value, ms === undefined ? "bad_duration" : "out_of_range", message),
  );
  return z.NEVER;
}).pipe(z.string()).meta({
  description: "Text such as 250ms, 5s, 10m, 1h or 2d, or a number of seconds",
});
export type Duration = z.infer<typeof Duration>;
