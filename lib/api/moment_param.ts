/** A moment in a query: a time, or a span that ends now. */
import { CisError } from "../errors.ts";
import { parseDuration } from "../schema/duration.ts";

/**
 * Reads a parameter such as `since=2026-01-31T12:00Z` or `since=24h`.
 * @param now epoch milliseconds, where a span ends
 * @returns epoch milliseconds, or undefined where it isn't given
 * @throws {CisError} `invalid_request` naming the parameter
 */
export function momentParam(url: URL, name: string, now: number): number | undefined {
  const text = url.searchParams.get(name) ?? "";
  if (text === "") return undefined;
  const span = parseDuration(text);
  const time = span === undefined ? Date.parse(text) : now - span;
  if (!Number.isNaN(time)) return time;
  throw new CisError("invalid_request", `${name} is a time or a span such as 24h, not "${text}"`);
}
