/** Schedules in force and what became of their times: rows of `schedules` and `scheduled_times`. */
import type { Database, Tx } from "../db/database.ts";

/** A DAG's schedule as stored. */
export interface ScheduleRow {
  readonly dag_id: string;
  readonly version: number;
  readonly enabled: 0 | 1;
  readonly next_at: number | null;
  readonly changed_by: string | null;
  readonly changed_at: number;
}

/** What became of a time at which a DAG was due. */
export interface ScheduledTimeRow {
  readonly dag_id: string;
  readonly scheduled_at: number;
  readonly version: number;
  readonly outcome: "started" | "made_up" | "skipped" | "missed";
  readonly run_id: string | null;
  readonly reason: string | null;
  readonly decided_at: number;
}

export class ScheduleStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The schedule of a DAG's version in force. */
  load(dagId: string): ScheduleRow | undefined {
    return this.#db.get<ScheduleRow>("SELECT * FROM schedules WHERE dag_id = ?", dagId);
  }

  /** Schedules with a time at or before `now`, the earliest first. */
  due(now: number): ScheduleRow[] {
    return this.#db.all<ScheduleRow>(
      `SELECT * FROM schedules WHERE enabled = 1 AND next_at <= ? ORDER BY next_at, dag_id`,
      now,
    );
  }

  /** The earliest time of all schedules that are on. */
  earliest(): number | null {
    return this.#db.get<{ at: number | null }>(
      "SELECT min(next_at) AS at FROM schedules WHERE enabled = 1 AND next_at IS NOT NULL",
    )?.at ?? null;
  }

  /** Puts a version's schedule in force; one that was switched off stays so. */
  put(tx: Tx, schedule: { dagId: string; version: number; nextAt: number | null }): void {
    this.#db.run(
      `INSERT INTO schedules (dag_id, version, next_at, changed_at) VALUES (?,?,?,?)
       ON CONFLICT (dag_id) DO UPDATE SET version = excluded.version, next_at = excluded.next_at,
         changed_at = excluded.changed_at`,
      schedule.dagId,
      schedule.version,
      schedule.nextAt,
      tx.now,
    );
  }

  /** Takes a DAG's schedule out of force. What became of its times stays. @returns whether it had one */
  remove(dagId: string): boolean {
    return this.#db.run("DELETE FROM schedules WHERE dag_id = ?", dagId) > 0;
  }

  /** Sets the first time that has not been dealt with. */
  advance(dagId: string, nextAt: number | null): void {
    this.#db.run("UPDATE schedules SET next_at = ? WHERE dag_id = ?", nextAt, dagId);
  }

  /** Switches a schedule on or off. */
  setEnabled(
    tx: Tx,
    dagId: string,
    change: { enabled: boolean; nextAt: number | null; by: string },
  ): void {
    this.#db.run(
      `UPDATE schedules SET enabled = ?, next_at = ?, changed_by = ?, changed_at = ?
       WHERE dag_id = ?`,
      change.enabled ? 1 : 0,
      change.nextAt,
      change.by,
      tx.now,
      dagId,
    );
  }

  /** Writes what becomes of a time. @returns false: that was settled before, and stays */
  settle(tx: Tx, time: Omit<ScheduledTimeRow, "decided_at" | "run_id">): boolean {
    return this.#db.run(
      `INSERT INTO scheduled_times (dag_id, scheduled_at, version, outcome, reason, decided_at)
       VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
      time.dag_id,
      time.scheduled_at,
      time.version,
      time.outcome,
      time.reason,
      tx.now,
    ) > 0;
  }

  /** Names the run that a time has led to. */
  link(dagId: string, scheduledAt: number, runId: string): void {
    this.#db.run(
      "UPDATE scheduled_times SET run_id = ? WHERE dag_id = ? AND scheduled_at = ?",
      runId,
      dagId,
      scheduledAt,
    );
  }

  /** What became of a DAG's last times, newest first. */
  history(dagId: string, limit: number): ScheduledTimeRow[] {
    return this.#db.all<ScheduledTimeRow>(
      "SELECT * FROM scheduled_times WHERE dag_id = ? ORDER BY scheduled_at DESC LIMIT ?",
      dagId,
      limit,
    );
  }

  /** How many of a DAG's runs are open, and how many of them haven't started. */
  openRuns(dagId: string): { open: number; queued: number } {
    return this.#db.get<{ open: number; queued: number }>(
      `SELECT count(*) AS open, coalesce(sum(status = 'queued'), 0) AS queued
       FROM dag_runs WHERE dag_id = ? AND finished_at IS NULL`,
      dagId,
    ) ?? { open: 0, queued: 0 };
  }
}
