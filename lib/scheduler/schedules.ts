/**
 * Starts DAGs at the times of their schedules. What is due next is in the database and settled once:
 * the row of a time, the run that it leads to and the event are one transaction, so neither a restart
 * nor a clock that is set back starts anything twice.
 */
import type { Database, Tx } from "../db/database.ts";
import type { Schedule } from "../schema/schedule.ts";
import { nextTimes, timesBetween } from "../schema/schedule_times.ts";
import type { Alarms } from "./alarms.ts";
import { type BeginRun, newRunId } from "./confirm.ts";
import type { EventLog } from "./event_log.ts";
import type { ScheduleRow, ScheduleStore } from "./schedule_store.ts";
import type { SpecRow, SpecStore } from "./spec_store.ts";

/** A time this long ago, in milliseconds, was missed: the node was down, or its clock jumped. */
export const MISSED_AFTER_MS = 60_000;
/** So many missed times are kept and can be made up for, the newest ones. */
export const MAX_MISSED = 100;
/** So many runs of a DAG may wait for each other; further times are skipped. */
export const MAX_QUEUED = 100;
/** How long until times that could not be stored are tried again. */
const AGAIN_MS = 1_000;

const ALARM = "schedules";

export interface SchedulesParts {
  readonly db: Database;
  readonly specs: SpecStore;
  readonly schedules: ScheduleStore;
  readonly events: EventLog;
  readonly alarms: Alarms;
  readonly beginRun: BeginRun;
  /** Told of what failed; it is tried again. */
  readonly report: (line: string) => void;
}

/** What a DAG is due for: a schedule with its version and what that says. */
interface Due {
  readonly row: ScheduleRow;
  readonly version: SpecRow;
  readonly schedule: Schedule;
}

export class Schedules {
  readonly #parts: SchedulesParts;
  #running = false;

  constructor(parts: SchedulesParts) {
    this.#parts = parts;
  }

  /** Deals with what was missed and is due, and goes on by alarms. */
  async start(): Promise<void> {
    this.#running = true;
    await this.runOnce();
  }

  /** Starts nothing more. */
  stop(): void {
    this.#running = false;
    this.#parts.alarms.clear(ALARM);
  }

  /** Deals with all times up to now and sets the alarm for the next. */
  async runOnce(): Promise<void> {
    const { db, schedules, report } = this.#parts;
    let failed = false;
    for (const { dag_id } of schedules.due(db.now())) {
      // Each by itself: one DAG that can't be started must not keep the others from it.
      await db.write((tx) => this.#settleDue(tx, dag_id)).catch((error) => {
        failed = true;
        report(`schedule of ${dag_id}: ${String(error)}`);
      });
    }
    this.setAlarm(failed ? db.now() + AGAIN_MS : 0);
  }

  /** A version was confirmed: its schedule, or that it has none, is in force from now on. */
  confirmed(tx: Tx, version: SpecRow): void {
    const { specs, schedules, events } = this.#parts;
    const { dag_id } = version;
    this.#settleDue(tx, dag_id);
    const before = this.#due(dag_id);
    const { schedule } = specs.specOf(version);
    if (schedule === undefined) {
      if (!schedules.remove(dag_id)) return;
      events.append(tx, {
        type: "schedule.removed",
        dagId: dag_id,
        data: { version: version.version },
      });
    } else {
      const kept = before !== undefined && sameTimes(before.schedule, schedule);
      const nextAt = kept ? before.row.next_at : nextTimes(schedule, tx.now, 1)[0] ?? null;
      schedules.put(tx, { dagId: dag_id, version: version.version, nextAt });
      events.append(tx, {
        type: "schedule.set",
        dagId: dag_id,
        data: { version: version.version, next_at: isoOrNull(nextAt) },
      });
    }
    tx.afterCommit(() => this.setAlarm());
  }

  /** Switches a DAG's schedule on, from now on, or off. @returns false where it has none */
  setEnabled(tx: Tx, order: { dagId: string; enabled: boolean; by: string }): boolean {
    const { schedules, events } = this.#parts;
    const due = this.#due(order.dagId);
    if (due === undefined) return false;
    if ((due.row.enabled === 1) === order.enabled) return true;
    const nextAt = nextTimes(due.schedule, tx.now, 1)[0] ?? null;
    schedules.setEnabled(tx, order.dagId, { enabled: order.enabled, nextAt, by: order.by });
    events.append(tx, {
      type: order.enabled ? "schedule.enabled" : "schedule.disabled",
      dagId: order.dagId,
      data: { next_at: order.enabled ? isoOrNull(nextAt) : null },
    });
    tx.afterCommit(() => this.setAlarm());
    return true;
  }

  /** Sets the alarm for the earliest time, or for `notBefore`. */
  setAlarm(notBefore = 0): void {
    const { alarms, schedules } = this.#parts;
    if (!this.#running) return;
    const next = schedules.earliest();
    if (next === null) return alarms.clear(ALARM);
    alarms.set(ALARM, Math.max(next, notBefore), () => void this.runOnce());
  }

  #due(dagId: string): Due | undefined {
    const { schedules, specs } = this.#parts;
    const row = schedules.load(dagId);
    if (row === undefined) return undefined;
    const version = specs.load(dagId, row.version);
    const schedule = version && specs.specOf(version).schedule;
    return version === undefined || schedule === undefined ? undefined : { row, version, schedule };
  }

  /** Settles the times of one DAG up to now. */
  #settleDue(tx: Tx, dagId: string): void {
    const due = this.#due(dagId);
    const from = due?.row.next_at ?? null;
    if (due === undefined || due.row.enabled === 0 || from === null || from > tx.now) return;
    const late = tx.now - MISSED_AFTER_MS;
    const missed = timesBetween(due.schedule, { from, to: late - 1, limit: MAX_MISSED });
    this.#settleMissed(tx, due, missed);
    const present = { from: Math.max(from, late), to: tx.now, limit: MAX_MISSED };
    for (const at of timesBetween(due.schedule, present).times) this.#begin(tx, due, { at });
    this.#parts.schedules.advance(dagId, nextTimes(due.schedule, tx.now, 1)[0] ?? null);
  }

  #settleMissed(tx: Tx, due: Due, { times, more }: { times: number[]; more: boolean }): void {
    const { events, schedules } = this.#parts;
    const first = times[0];
    if (first === undefined) return;
    const { catch_up } = due.schedule;
    events.append(tx, {
      type: "schedule.missed",
      dagId: due.row.dag_id,
      data: {
        count: times.length,
        earlier_ones: more,
        from: isoOrNull(first),
        to: isoOrNull(times.at(-1) ?? first),
        catch_up: catch_up ?? "none",
      },
    });
    const madeUp = catch_up === "all" ? times : catch_up === "last" ? times.slice(-1) : [];
    for (const at of times) {
      if (madeUp.includes(at)) this.#begin(tx, due, { at, late: true });
      else {
        schedules.settle(tx, {
          ...placeOf(due, at),
          outcome: "missed",
          reason: "the node was not running then",
        });
      }
    }
  }

  /** Starts the run of a time, unless runs that are still open keep it from that. */
  #begin(tx: Tx, due: Due, { at, late = false }: { at: number; late?: boolean }): void {
    const { schedules, events, beginRun } = this.#parts;
    const { dag_id } = due.row;
    const reason = this.#whySkipped(due, late);
    if (reason !== undefined) {
      if (!schedules.settle(tx, { ...placeOf(due, at), outcome: "skipped", reason })) return;
      const data = { scheduled_at: isoOrNull(at), reason };
      events.append(tx, { type: "schedule.skipped", dagId: dag_id, data });
      return;
    }
    const outcome = late ? "made_up" : "started";
    if (!schedules.settle(tx, { ...placeOf(due, at), outcome, reason: null })) return;
    const run_id = newRunId();
    beginRun(tx, {
      dag_id,
      version: due.row.version,
      run_id,
      triggered_by: late ? "catch_up" : "schedule",
      confirmed_by: due.version.decided_by,
    });
    schedules.link(dag_id, at, run_id);
  }

  /** What is made up for waits its turn: it would be pointless to ask for it and then skip it. */
  #whySkipped({ row, schedule }: Due, late: boolean): string | undefined {
    if (schedule.overlap === "allow") return undefined;
    const { open, queued } = this.#parts.schedules.openRuns(row.dag_id);
    if (schedule.overlap === "skip" && !late && open > 0) return "the last run was still going";
    return queued < MAX_QUEUED ? undefined : `${queued} runs were waiting already`;
  }
}

function placeOf(
  { row }: Due,
  at: number,
): { dag_id: string; version: number; scheduled_at: number } {
  return { dag_id: row.dag_id, version: row.version, scheduled_at: at };
}

function sameTimes(a: Schedule, b: Schedule): boolean {
  return a.cron === b.cron && a.timezone === b.timezone;
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
