/** How long the tasks of a DAG took before, so that the next run can start the long ones first. */
import type { Database } from "../db/database.ts";
import type { KnownTimes } from "./start_order.ts";

/** Of so many of the newest runs the last that completed is looked for. */
const LOOK_BACK = 20;

export class TaskTimes {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The last run of a DAG that completed; null where none of its newest runs did. */
  lastRun(dagId: string): string | null {
    const last = this.#db.get<{ run_id: string }>(
      `SELECT run_id FROM (
         SELECT run_id, status, created_at FROM dag_runs
         WHERE dag_id = ? ORDER BY created_at DESC, run_id DESC LIMIT ?)
       WHERE status = 'completed' ORDER BY created_at DESC, run_id DESC LIMIT 1`,
      dagId,
      LOOK_BACK,
    );
    return last?.run_id ?? null;
  }

  /** How long the tasks of a run took. Nothing where there is no such run, or not any more. */
  of(runId: string | null): KnownTimes {
    if (runId === null) return new Map();
    const rows = this.#db.all<{ task_id: string; time: number }>(
      `SELECT task_id, finished_at - started_at AS time FROM task_runs
       WHERE run_id = ? AND status = 'completed' AND started_at IS NOT NULL`,
      runId,
    );
    // Not zero, so that a chain of many short tasks still is longer than one of them.
    return new Map(rows.map(({ task_id, time }) => [task_id, Math.max(1, time)]));
  }
}
