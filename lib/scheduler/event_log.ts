/**
 * What happened, as rows: written in the transaction of the change itself, told to followers after
 * the commit, and read again from any point by `seq` (SSE `Last-Event-ID`).
 */
import type { Database, SqlValue, Tx } from "../db/database.ts";
import type { EventView } from "../schema/api.ts";

/** What an event is about; absent parts are not concerned. */
export interface NewEvent {
  readonly type: string;
  readonly dagId?: string;
  readonly runId?: string;
  readonly taskId?: string;
  readonly workerId?: string;
  readonly data?: Readonly<Record<string, SqlValue | boolean>>;
}

/** Which events to read. */
export interface EventFilter {
  readonly runId?: string;
  readonly after: number;
  readonly limit: number;
}

type Listener = (events: readonly EventView[]) => void;

interface EventRow {
  seq: number;
  time: number;
  type: string;
  dag_id: string | null;
  run_id: string | null;
  task_id: string | null;
  worker_id: string | null;
  data: string;
}

export class EventLog {
  readonly #db: Database;
  readonly #listeners = new Set<Listener>();
  #fresh: EventView[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** Writes an event in the transaction of the change that it tells of. */
  append(tx: Tx, event: NewEvent): void {
    const { type, data = {} } = event;
    const seq = this.#db.insert(
      "INSERT INTO events (time, type, dag_id, run_id, task_id, worker_id, data) VALUES (?,?,?,?,?,?,?)",
      tx.now,
      type,
      event.dagId ?? null,
      event.runId ?? null,
      event.taskId ?? null,
      event.workerId ?? null,
      JSON.stringify(data),
    );
    if (this.#listeners.size === 0) return;
    tx.afterCommit(() => {
      this.#fresh.push({
        seq,
        time: new Date(tx.now).toISOString(),
        type,
        dag_id: event.dagId ?? null,
        run_id: event.runId ?? null,
        task_id: event.taskId ?? null,
        worker_id: event.workerId ?? null,
        data: { ...data },
      });
      // One call per turn: a commit of a thousand changes wakes each follower once.
      if (this.#fresh.length === 1) queueMicrotask(() => this.#tell());
    });
  }

  /** Calls `listener` with every batch of events committed from now on. @returns how to stop it */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Events after a sequence number, oldest first. */
  read({ runId, after, limit }: EventFilter): EventView[] {
    const rows = runId === undefined
      ? this.#db.all<EventRow>(
        "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
        after,
        limit,
      )
      : this.#db.all<EventRow>(
        "SELECT * FROM events WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        runId,
        after,
        limit,
      );
    return rows.map((row) => ({
      ...row,
      time: new Date(row.time).toISOString(),
      data: JSON.parse(row.data) as EventView["data"],
    }));
  }

  /** The newest sequence number, 0 when nothing has happened. */
  latest(): number {
    return this.#db.get<{ seq: number }>("SELECT coalesce(max(seq), 0) AS seq FROM events")?.seq ??
      0;
  }

  #tell(): void {
    const events = this.#fresh;
    this.#fresh = [];
    for (const listener of this.#listeners) listener(events);
  }
}
