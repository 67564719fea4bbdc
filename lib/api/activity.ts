/** GET /activity: what ran within the last day, hour by hour, as far as the caller may see it. */
import { maySee } from "../auth/principal.ts";
import { isoTime } from "../scheduler/iso_time.ts";
import { countRuns } from "../scheduler/run_activity.ts";
import type { Activity, RunCounts } from "../schema/activity.ts";
import { fromDbFields, scopeKey } from "../schema/scope.ts";
import { isFinalRun } from "../schema/state_tables.ts";
import type { RunState } from "../schema/states.ts";
import type { Call } from "./endpoint.ts";

const HOUR_MS = 3_600_000;
const HOURS = 24;

export function runActivity({ node, principal }: Call): Activity {
  const until = node.db.now();
  const since = until - HOURS * HOUR_MS;
  const totals = none();
  const hours = Array.from({ length: HOURS }, none);
  for (const row of countRuns(node.db, { since, stretchMs: HOUR_MS })) {
    if (!maySee(principal, scopeKey(fromDbFields(row)))) continue;
    const kind = kindOf(row.status);
    totals[kind] += row.count;
    // What was created in this very moment, or while the clock was set, belongs to the last hour.
    const hour = hours[Math.min(row.at, HOURS - 1)];
    if (hour !== undefined) hour[kind] += row.count;
  }
  return {
    since: isoTime(since),
    until: isoTime(until),
    totals,
    hours: hours.map((counts, at) => ({ begins_at: isoTime(since + at * HOUR_MS), ...counts })),
  };
}

function none(): RunCounts {
  return { completed: 0, failed: 0, cancelled: 0, open: 0 };
}

function kindOf(status: RunState): keyof RunCounts {
  if (!isFinalRun(status)) return "open";
  return status === "completed" || status === "failed" ? status : "cancelled";
}
