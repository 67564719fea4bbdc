/** The search that an address of the logs page asks for. */
import type { PageOptions } from "../api/client.ts";
import type { LogSearchQuery } from "../schema/log_query.ts";

/** Filters of the logs page, in the order of its form. */
const FILTERS = ["q", "run", "task", "attempt", "worker", "stream", "since", "until"] as const;

/** What the API is asked; it says itself what of it can't be. */
export function logSearchQuery(url: URL): LogSearchQuery & PageOptions {
  const given = (name: string): string | undefined =>
    url.searchParams.get(name)?.trim() || undefined;
  const query = Object.fromEntries(FILTERS.map((name) => [name, given(name)]));
  return { ...query, cursor: given("cursor") } as LogSearchQuery & PageOptions;
}

/** The filters without the page, for a link to the same search. */
export function filtersOf(url: URL): URLSearchParams {
  const kept = FILTERS.flatMap((name) => {
    const value = url.searchParams.get(name)?.trim() ?? "";
    return value === "" ? [] : [[name, value]];
  });
  return new URLSearchParams(kept);
}
