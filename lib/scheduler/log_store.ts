/** Output of attempts and workers: rows of `log_lines`, told to followers after the commit. */
import type { Database, SqlValue, Tx } from "../db/database.ts";
import type { LogLineView } from "../schema/api.ts";
import type { AttemptRef, LogLine } from "../schema/room_events.ts";

/** Which lines: of a run (and task), or of a worker itself. */
export type LogSource =
  | { readonly runId: string; readonly taskId?: string }
  | { readonly workerId: string };

type Listener = (source: LogSource, lines: readonly LogLineView[]) => void;

interface LogRow {
  seq: number;
  task_id: string | null;
  attempt: number | null;
  time: number;
  stream: "stdout" | "stderr";
  text: string;
}

const INSERT =
  `INSERT INTO log_lines (run_id, task_id, attempt, line, worker_id, time, stream, text)
  VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING RETURNING seq`;

export class LogStore {
  readonly #db: Database;
  readonly #listeners = new Set<Listener>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps lines of an attempt; a line that is there already (sent again) is kept once. */
  append(
    tx: Tx,
    from: AttemptRef & { readonly worker_id: string },
    lines: readonly LogLine[],
  ): void {
    const kept: LogLineView[] = [];
    for (const { line, time, stream, text } of lines) {
      const row = this.#db.get<{ seq: number }>(
        INSERT,
        from.run_id,
        from.task_id,
        from.attempt,
        line,
        from.worker_id,
        time,
        stream,
        text,
      );
      if (row === undefined || this.#listeners.size === 0) continue;
      kept.push(view({ ...from, seq: row.seq, time, stream, text }));
    }
    this.#tellAfterCommit(tx, { runId: from.run_id, taskId: from.task_id }, kept);
  }

  /** Keeps lines that a worker process itself wrote. */
  appendOfWorker(tx: Tx, workerId: string, lines: readonly string[]): void {
    const kept = lines.map((text) => {
      const row = this.#db.get<{ seq: number }>(
        INSERT,
        null,
        null,
        null,
        null,
        workerId,
        tx.now,
        "stderr",
        text,
      );
      return view({
        seq: row?.seq ?? 0,
        task_id: null,
        attempt: null,
        time: tx.now,
        stream: "stderr",
        text,
      });
    });
    this.#tellAfterCommit(tx, { workerId }, kept);
  }

  /** Lines behind `after` in order, at most `limit`. */
  read(source: LogSource, { after, limit }: { after: number; limit: number }): LogLineView[] {
    const { where, values } = condition(source);
    return this.#db.all<LogRow>(
      `SELECT seq, task_id, attempt, time, stream, text FROM log_lines
       WHERE ${where} AND seq > ? ORDER BY seq LIMIT ?`,
      ...values,
      after,
      limit,
    ).map(view);
  }

  /** The last lines, oldest first. */
  tail(source: LogSource, limit: number): LogLineView[] {
    const { where, values } = condition(source);
    return this.#db.all<LogRow>(
      `SELECT seq, task_id, attempt, time, stream, text FROM log_lines
       WHERE ${where} ORDER BY seq DESC LIMIT ?`,
      ...values,
      limit,
    ).reverse().map(view);
  }

  /** Calls `listener` with lines committed from now on. @returns how to stop it */
  subscribe(source: LogSource, listener: (lines: readonly LogLineView[]) => void): () => void {
    const matching: Listener = (from, lines) => {
      if (covers(source, from)) listener(lines);
    };
    this.#listeners.add(matching);
    return () => this.#listeners.delete(matching);
  }

  #tellAfterCommit(tx: Tx, source: LogSource, lines: readonly LogLineView[]): void {
    if (lines.length === 0 || this.#listeners.size === 0) return;
    tx.afterCommit(() => {
      for (const listener of this.#listeners) listener(source, lines);
    });
  }
}

function condition(source: LogSource): { where: string; values: SqlValue[] } {
  if ("workerId" in source) {
    return { where: "run_id IS NULL AND worker_id = ?", values: [source.workerId] };
  }
  if (source.taskId === undefined) return { where: "run_id = ?", values: [source.runId] };
  return { where: "run_id = ? AND task_id = ?", values: [source.runId, source.taskId] };
}

function covers(wanted: LogSource, from: LogSource): boolean {
  if ("workerId" in wanted) return "workerId" in from && from.workerId === wanted.workerId;
  if ("workerId" in from || from.runId !== wanted.runId) return false;
  return wanted.taskId === undefined || wanted.taskId === from.taskId;
}

function view(row: LogRow): LogLineView {
  return {
    seq: row.seq,
    time: new Date(row.time).toISOString(),
    task_id: row.task_id ?? "",
    attempt: row.attempt ?? 0,
    stream: row.stream,
    text: row.text,
  };
}
