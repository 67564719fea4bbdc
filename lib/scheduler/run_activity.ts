/** Counts runs by when they were created and how they ended. */
import type { Database } from "../db/database.ts";
import type { ScopeDbFields } from "../schema/scope.ts";
import { RUN_STATES, type RunState } from "../schema/states.ts";

/** How many runs of one scope and state were created within one stretch of time. */
export interface RunCount extends ScopeDbFields {
  /** Number of the stretch, from 0. */
  readonly at: number;
  readonly status: RunState;
  readonly count: number;
}

/**
 * Runs created since a time, in stretches of equal length.
 * @param since epoch milliseconds
 * @param stretchMs milliseconds
 */
export function countRuns(
  db: Database,
  { since, stretchMs }: { since: number; stretchMs: number },
): RunCount[] {
  // All states by name, so that the index on status and time brings the rows.
  const states = RUN_STATES.map(() => "?").join(",");
  return db.all<RunCount>(
    `SELECT CAST((created_at - ?) / ? AS INTEGER) AS at, status, scope_type, scope_id, count(*) AS count
     FROM dag_runs WHERE status IN (${states}) AND created_at >= ?
     GROUP BY at, status, scope_type, scope_id`,
    since,
    stretchMs,
    ...RUN_STATES,
    since,
  );
}
