/** Pages of lists: `?limit=` and an opaque `?cursor=` (contract §4). */
import { CisError } from "../errors.ts";

/** How many rows a page has. */
export function pageLimit(url: URL, { most = 500, usual = 50 } = {}): number {
  const text = url.searchParams.get("limit");
  if (text === null) return usual;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw new CisError(
    "invalid_request",
    `limit must be a whole number from 1 to ${most}, not "${text}"`,
  );
}

/** Packs a position into a cursor. */
export function encodeCursor(position: readonly (string | number)[]): string {
  return btoa(encodeURIComponent(JSON.stringify(position)));
}

/** What a cursor is made of, part by part. */
type Parts = readonly ("string" | "number")[];
type Position<P extends Parts> = {
  -readonly [I in keyof P]: P[I] extends "string" ? string : number;
};

/**
 * The position in a cursor, or undefined where none is given.
 * @throws {CisError} `invalid_request` for one that isn't from this list
 */
export function decodeCursor<const P extends Parts>(url: URL, parts: P): Position<P> | undefined {
  const text = url.searchParams.get("cursor");
  if (text === null || text === "") return undefined;
  try {
    const position: unknown = JSON.parse(decodeURIComponent(atob(text)));
    const fits = Array.isArray(position) && position.length === parts.length &&
      position.every((part, index) => typeof part === parts[index]);
    if (fits) return position as Position<P>;
  } catch {
    // Falls through to the one answer for everything that isn't a cursor.
  }
  throw new CisError("invalid_request", "the cursor is not one that this list has given out");
}
