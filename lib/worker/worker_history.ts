/** What became of workers: every change of state, and their memory and CPU over time. */
import type { Database, Tx } from "../db/database.ts";
import type { WorkerState } from "../schema/states.ts";

/** A change of a worker's state. */
export interface HistoryEntry {
  readonly status: WorkerState;
  readonly reason: string;
  readonly pid: number | null;
  readonly restarts: number;
  readonly lastLines: readonly string[];
}

/** A look at a worker's process. */
export interface Sample {
  /** Resident memory in bytes. */
  readonly rss: number;
  /** CPU time since its start in milliseconds. */
  readonly cpuMs: number | null;
  readonly activeTasks: number;
}

/** How many changes of each worker are kept. */
const MAX_ENTRIES = 500;
const SAMPLE_EVERY_MS = 10_000;
const SAMPLES_KEPT_MS = 24 * 3_600_000;

interface HistoryRow {
  time: number;
  status: WorkerState;
  reason: string;
  pid: number | null;
  restarts: number;
  last_lines: string;
}

interface SampleRow {
  time: number;
  rss: number;
  cpu_ms: number | null;
  active_tasks: number;
}

export class WorkerHistory {
  readonly #db: Database;
  /** When each worker's last sample was taken. */
  readonly #sampledAt = new Map<string, number>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Writes a change, which the worker's row has by then. */
  append(tx: Tx, workerId: string, entry: HistoryEntry): void {
    const seq = this.#db.insert(
      `INSERT INTO worker_history (worker_id, time, status, reason, pid, restarts, last_lines)
       VALUES (?,?,?,?,?,?,?)`,
      workerId,
      tx.now,
      entry.status,
      entry.reason,
      entry.pid,
      entry.restarts,
      JSON.stringify(entry.lastLines),
    );
    this.#db.run(
      `DELETE FROM worker_history WHERE worker_id = ? AND seq <= (SELECT seq FROM worker_history
        WHERE worker_id = ? AND seq < ? ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_ENTRIES - 1})`,
      workerId,
      workerId,
      seq,
    );
  }

  /** Keeps a sample, at most one each ten seconds, for a day. */
  sample(tx: Tx, workerId: string, { rss, cpuMs, activeTasks }: Sample): void {
    const last = this.#sampledAt.get(workerId);
    // A clock that was set back doesn't end it.
    if (last !== undefined && tx.now >= last && tx.now - last < SAMPLE_EVERY_MS) return;
    this.#sampledAt.set(workerId, tx.now);
    tx.onRollback(() => this.#sampledAt.delete(workerId));
    this.#db.run(
      `INSERT INTO worker_samples (worker_id, time, rss, cpu_ms, active_tasks)
       SELECT worker_id, ?, ?, ?, ? FROM workers WHERE worker_id = ?
       ON CONFLICT (worker_id, time) DO NOTHING`,
      tx.now,
      rss,
      cpuMs,
      activeTasks,
      workerId,
    );
    this.#db.run(
      "DELETE FROM worker_samples WHERE worker_id = ? AND time < ?",
      workerId,
      tx.now - SAMPLES_KEPT_MS,
    );
  }

  /** A worker is gone for good. */
  forget(workerId: string): void {
    this.#sampledAt.delete(workerId);
  }

  /** The last changes, newest first. */
  entries(workerId: string, limit: number): (HistoryEntry & { readonly time: number })[] {
    return this.#db.all<HistoryRow>(
      "SELECT * FROM worker_history WHERE worker_id = ? ORDER BY seq DESC LIMIT ?",
      workerId,
      limit,
    ).map(({ last_lines, ...row }) => ({ ...row, lastLines: JSON.parse(last_lines) as string[] }));
  }

  /** The last samples, oldest first. */
  samples(workerId: string, limit: number): (Sample & { readonly time: number })[] {
    return this.#db.all<SampleRow>(
      "SELECT * FROM worker_samples WHERE worker_id = ? ORDER BY time DESC LIMIT ?",
      workerId,
      limit,
    ).map(({ time, rss, cpu_ms, active_tasks }) => ({
      time,
      rss,
      cpuMs: cpu_ms,
      activeTasks: active_tasks,
    })).reverse();
  }
}
