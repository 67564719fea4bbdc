/** Attempts of tasks: rows of `task_attempts`. */
import type { Database, Tx } from "../db/database.ts";
import type { AttemptRef } from "../schema/room_events.ts";
import type { LateResult } from "../schema/run_view.ts";
import type { AttemptKind, AttemptState } from "../schema/states.ts";

/** An attempt as stored. */
export interface AttemptRow {
  readonly task_index: number;
  readonly attempt: number;
  readonly kind: AttemptKind;
  readonly lease: string;
  readonly worker_id: string;
  readonly instance: string;
  readonly status: AttemptState;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly exit_code: number | null;
  readonly error: string | null;
  readonly error_code: string | null;
  /** JSON of a {@linkcode LateResult}. */
  readonly late_result: string | null;
}

/** An attempt that runs, with the run and task that it belongs to. */
export type RunningAttempt = AttemptRow & Readonly<AttemptRef>;

/** How an attempt ended, for its row. */
export interface AttemptEnd {
  readonly status: Exclude<AttemptState, "running">;
  readonly at: number;
  readonly startedAt?: number;
  readonly exitCode?: number | null;
  readonly error?: string | null;
  readonly errorCode?: string | null;
}

export class AttemptStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Starts an attempt. */
  begin(
    tx: Tx,
    runId: string,
    attempt: Omit<
      AttemptRow,
      "status" | "started_at" | "finished_at" | "exit_code" | "error" | "error_code" | "late_result"
    >,
  ): void {
    this.#db.run(
      `INSERT INTO task_attempts (run_id, task_index, attempt, lease, worker_id, instance, status,
        started_at, kind) VALUES (?,?,?,?,?,?,'running',?,?)`,
      runId,
      attempt.task_index,
      attempt.attempt,
      attempt.lease,
      attempt.worker_id,
      attempt.instance,
      tx.now,
      attempt.kind,
    );
  }

  /**
   * Ends the attempt that holds this lease. It has started since it was handed out and before now,
   * whatever its worker says.
   * @returns whether it was running
   */
  end(
    runId: string,
    ref: { index: number; attempt: number; lease: string },
    end: AttemptEnd,
  ): boolean {
    return this.#db.run(
      `UPDATE task_attempts SET status = ?, finished_at = ?,
        started_at = max(started_at, min(coalesce(?, started_at), ?)),
        exit_code = ?, error = ?, error_code = ?
       WHERE run_id = ? AND task_index = ? AND attempt = ? AND lease = ? AND status = 'running'`,
      end.status,
      end.at,
      end.startedAt ?? null,
      end.at,
      end.exitCode ?? null,
      end.error ?? null,
      end.errorCode ?? null,
      runId,
      ref.index,
      ref.attempt,
      ref.lease,
    ) > 0;
  }

  /** The attempts of a run, by task and number. */
  of(runId: string): AttemptRow[] {
    return this.#db.all<AttemptRow>(
      "SELECT * FROM task_attempts WHERE run_id = ? ORDER BY task_index, attempt",
      runId,
    );
  }

  /** The leases of a run's attempts that run, by task index. */
  leases(runId: string): Map<number, string> {
    const rows = this.#db.all<{ task_index: number; lease: string }>(
      "SELECT task_index, lease FROM task_attempts WHERE run_id = ? AND status = 'running'",
      runId,
    );
    return new Map(rows.map((row) => [row.task_index, row.lease]));
  }

  /** Whether this attempt was given to this worker under this lease, ended or not. */
  has(ref: AttemptRef, workerId: string): boolean {
    return this.#db.get(
      `SELECT 1 FROM task_attempts a JOIN task_runs t USING (run_id, task_index)
       WHERE a.run_id = ? AND t.task_id = ? AND a.attempt = ? AND a.lease = ? AND a.worker_id = ?`,
      ref.run_id,
      ref.task_id,
      ref.attempt,
      ref.lease,
      workerId,
    ) !== undefined;
  }

  /**
   * Keeps what a worker told of an attempt that had been taken from it: the first that says how it
   * ended. Of one that ended by its own result nothing is kept.
   */
  keepLate(ref: AttemptRef, workerId: string, result: LateResult): void {
    this.#db.run(
      `UPDATE task_attempts SET late_result = ?
       WHERE run_id = ? AND attempt = ? AND lease = ? AND worker_id = ?
         AND status IN ('cancelled', 'lost') AND late_result IS NULL
         AND task_index = (SELECT task_index FROM task_runs WHERE run_id = ? AND task_id = ?)`,
      JSON.stringify(result),
      ref.run_id,
      ref.attempt,
      ref.lease,
      workerId,
      ref.run_id,
      ref.task_id,
    );
  }

  /** Attempts that run on a worker of this node, whichever the run. */
  runningOn(workerId: string): RunningAttempt[] {
    return this.#db.all<RunningAttempt>(
      `SELECT a.*, t.task_id FROM task_attempts a JOIN task_runs t USING (run_id, task_index)
       JOIN dag_runs r ON r.run_id = a.run_id AND r.finished_at IS NULL
       WHERE a.status = 'running' AND a.worker_id = ? AND a.lease NOT LIKE 'at %'`,
      workerId,
    );
  }
}
