import { z } from "zod";
import { customIssue } from "./checked.ts";
import { quote } from "./quote.ts";

/** Units from large to small, in bytes. */
const UNITS = [
  ["TiB", 1024 ** 4],
  ["TB", 1000 ** 4],
  ["GiB", 1024 ** 3],
  ["GB", 1000 ** 3],
  ["MiB", 1024 ** 2],
  ["MB", 1000 ** 2],
  ["KiB", 1024],
  ["KB", 1000],
  ["B", 1],
] as const;

const BYTES_BY_UNIT = new Map<string, number>(
  UNITS.map(([unit, bytes]) => [unit.toLowerCase(), bytes]),
);

const SIZE_PATTERN = /^(\d{1,15}(?:\.\d{1,15})?) ?([kmgt]i?b|b)?$/i;

/**
 * Reads a size: text such as `"512MiB"` (1024-based) or `"1.5GB"` (1000-based), or
 * bytes as a number or as bare digits. Parts of a byte are rounded.
 *
 * @returns bytes, or undefined when the value is not a size
 */
export function parseSize(value: string | number): number | undefined {
  if (typeof value === "number") return wholeBytes(value);
  const match = SIZE_PATTERN.exec(value.trim());
  if (match === null) return undefined;
  return wholeBytes(Number(match[1]) * (BYTES_BY_UNIT.get((match[2] ?? "b").toLowerCase()) ?? 1));
}

function wholeBytes(bytes: number): number | undefined {
  const rounded = Math.round(bytes);
  return Number.isSafeInteger(rounded) && rounded >= 0 ? rounded : undefined;
}

/**
 * Writes bytes in canonical form: a whole number of the largest unit that divides them
 * exactly, so that equal sizes are equal text.
 */
export function formatSize(bytes: number): string {
  if (bytes === 0) return "0B";
  const [unit, size] = UNITS.find(([, size]) => bytes % size === 0) ?? ["B", 1];
  return `${bytes / size}${unit}`;
}

/**
 * The bytes of a size that is known to be valid, such as one from a parsed document.
 *
 * @throws {RangeError} when the text is not a size
 */
export function sizeBytes(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new RangeError(`${quote(text)} is not a size`);
  return bytes;
}

const HOW_TO_WRITE = 'write text such as "512MiB" or "2GB", or a number of bytes';

/** A size in any accepted form; comes out as canonical text. */
export const Size = z.union([z.string(), z.number()], {
  error: ({ input }) =>
    input === undefined
      ? `is required; ${HOW_TO_WRITE}`
      : `${quote(input)} is not a size; ${HOW_TO_WRITE}`,
}).transform((value, context) => {
  const bytes = parseSize(value);
  if (bytes !== undefined) return formatSize(bytes);
  const message = `${quote(value)} is not a size; ${HOW_TO_WRITE}`;
  context.issues.push(customIssue(value, "bad_size", message));
  return z.NEVER;
}).pipe(z.string()).meta({ description: "Text such as 512MiB or 2GB, or a number of bytes" });
export type Size = z.infer<typeof Size>;
