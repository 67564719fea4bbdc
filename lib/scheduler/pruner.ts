/**
 * Forgets ended runs that are past what the settings keep, with all that hangs on them, in small
 * writes so that nobody waits. Open runs, versions in force and those that wait are never touched.
 */
import type { Database, Tx } from "../db/database.ts";
import type { Alarms } from "./alarms.ts";
import type { EventLog } from "./event_log.ts";

/** What is kept. A run goes when each rule that is given lets it go. */
export interface Retention {
  /** Days after its end; null: no rule. */
  readonly days: number | null;
  /** The newest runs of each DAG; null: no rule. */
  readonly runsPerDag: number | null;
}

export interface PrunerParts {
  readonly db: Database;
  readonly events: EventLog;
  readonly alarms: Alarms;
  readonly retention: Retention;
  readonly report: (line: string) => void;
}

const DAY_MS = 24 * 60 * 60_000;
/** How often it is looked for what has grown old. */
const EVERY_MS = 60 * 60_000;
/** Runs, and tasks of runs, that go in one write. */
const BATCH = { runs: 200, tasks: 5_000 };
const ALARM = "pruner";

export class Pruner {
  readonly #parts: PrunerParts;
  #running = false;

  constructor(parts: PrunerParts) {
    this.#parts = parts;
  }

  /** Prunes in the background from now on, where the settings say what is kept. */
  start(): void {
    const { days, runsPerDag } = this.#parts.retention;
    if (days === null && runsPerDag === null) return;
    this.#running = true;
    this.#setAlarm(0);
  }

  stop(): void {
    this.#running = false;
    this.#parts.alarms.clear(ALARM);
  }

  /** Prunes until nothing is left to prune. @returns how many runs have gone */
  async runOnce(): Promise<number> {
    const { db } = this.#parts;
    let gone = 0;
    for (;;) {
      const count = await db.write((tx) => this.#pruneBatch(tx));
      if (count === 0) break;
      gone += count;
    }
    await db.write((tx) => this.#pruneVersions(tx));
    return gone;
  }

  #setAlarm(ms: number): void {
    const { alarms, db, report } = this.#parts;
    alarms.set(ALARM, db.now() + ms, () => {
      this.runOnce().catch((error) => report(`pruning: ${String(error)}`))
        .finally(() => {
          if (this.#running) this.#setAlarm(EVERY_MS);
        });
    });
  }

  #pruneBatch(tx: Tx): number {
    const { db, events } = this.#parts;
    const runs = this.#candidates(tx.now);
    for (const run_id of runs) {
      db.run("UPDATE dag_runs SET retry_of = NULL WHERE retry_of = ?", run_id);
      db.run("DELETE FROM log_chunks WHERE run_id = ?", run_id);
      db.run("DELETE FROM events WHERE run_id = ?", run_id);
      db.run("DELETE FROM received_runs WHERE run_id = ?", run_id);
      db.run("DELETE FROM dag_runs WHERE run_id = ? AND finished_at IS NOT NULL", run_id);
    }
    if (runs.length > 0) events.append(tx, { type: "runs.pruned", data: { count: runs.length } });
    return runs.length;
  }

  #candidates(now: number): string[] {
    const { db, retention } = this.#parts;
    const before = retention.days === null ? now + 1 : now - retention.days * DAY_MS;
    // A handover that isn't over yet has something left to tell the other node.
    const rows = db.all<{ run_id: string; total_tasks: number }>(
      `SELECT r.run_id, r.total_tasks FROM dag_runs r
       WHERE r.finished_at IS NOT NULL AND r.finished_at < ?
         AND (? = 0 OR (SELECT count(*) FROM (SELECT 1 FROM dag_runs n WHERE n.dag_id = r.dag_id
           AND (n.created_at, n.run_id) > (r.created_at, r.run_id) LIMIT ?)) >= ?)
         AND NOT EXISTS (SELECT 1 FROM handovers h WHERE h.run_id = r.run_id
           AND h.status IN ('waiting', 'assigned', 'accepted'))
       ORDER BY r.finished_at LIMIT ?`,
      before,
      ...keepValues(retention.runsPerDag),
      BATCH.runs,
    );
    let tasks = 0;
    const chosen = rows.filter(({ total_tasks }) => (tasks += total_tasks) <= BATCH.tasks);
    // One that is larger than a batch goes alone.
    return (chosen.length === 0 ? rows.slice(0, 1) : chosen).map(({ run_id }) => run_id);
  }

  /** Versions that nobody can run, and that no run is left of. */
  #pruneVersions(tx: Tx): void {
    const { db, retention } = this.#parts;
    if (retention.days === null) return;
    db.run(
      `DELETE FROM dag_specs WHERE decided_at < ?
         AND version < (SELECT max(n.version) FROM dag_specs n WHERE n.dag_id = dag_specs.dag_id)
         AND version <> (SELECT coalesce(max(f.version), 0) FROM dag_specs f
           WHERE f.dag_id = dag_specs.dag_id AND f.status = 'confirmed')
         AND NOT EXISTS (SELECT 1 FROM dag_runs r
           WHERE r.dag_id = dag_specs.dag_id AND r.version = dag_specs.version)
         AND NOT EXISTS (SELECT 1 FROM schedules s
           WHERE s.dag_id = dag_specs.dag_id AND s.version = dag_specs.version)`,
      tx.now - retention.days * DAY_MS,
    );
  }
}

function keepValues(runsPerDag: number | null): [number, number, number] {
  return runsPerDag === null ? [0, 0, 0] : [1, runsPerDag, runsPerDag];
}
