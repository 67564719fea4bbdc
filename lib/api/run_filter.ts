/** The filters of the list of runs, from its query. */
import { CisError } from "../errors.ts";
import type { RunFilter } from "../scheduler/run_store.ts";
import { parseScopeText, toDbFields } from "../schema/scope.ts";
import { RUN_STATES, RunState } from "../schema/states.ts";
import { momentParam } from "./moment_param.ts";
import { decodeCursor, pageLimit } from "./paging.ts";

/**
 * Reads `status dag_id scope since q limit cursor`. `since` is a time or a span such as "24h".
 * @param now epoch milliseconds, where a span ends
 * @throws {CisError} `invalid_request` naming the parameter
 */
export function runFilter(url: URL, now: number): RunFilter {
  const given = (name: string): string | undefined => url.searchParams.get(name) || undefined;
  const cursor = decodeCursor(url, ["number", "string"]);
  return {
    status: statusOf(given("status")),
    dagId: given("dag_id"),
    scope: scopeOf(given("scope")),
    since: momentParam(url, "since", now),
    q: given("q"),
    before: cursor && { createdAt: cursor[0], runId: cursor[1] },
    limit: pageLimit(url),
  };
}

function statusOf(text: string | undefined): RunFilter["status"] {
  if (text === undefined) return undefined;
  const status = RunState.safeParse(text);
  if (status.success) return status.data;
  throw new CisError("invalid_request", `status is one of ${RUN_STATES.join(", ")}, not "${text}"`);
}

function scopeOf(text: string | undefined): RunFilter["scope"] {
  if (text === undefined) return undefined;
  const scope = parseScopeText(text);
  if (scope !== undefined) return toDbFields(scope);
  throw new CisError("invalid_request", `scope is such as global or project:abc, not "${text}"`);
}
