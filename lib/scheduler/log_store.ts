/**
 * Output of attempts and workers: rows of `log_chunks`, each some consecutive lines of one attempt or
 * worker. Followers are woken after the commit and read for themselves, from where they are.
 */
import type { Database, Tx } from "../db/database.ts";
import type { LogLineView } from "../schema/api.ts";
import { countLines, type LogChunk, withoutFirst } from "../schema/log_chunk.ts";
import { type LogPart, type LogPosition, readLogPart } from "./log_reader.ts";
import { chunkLines, type ChunkRow } from "./log_row.ts";
import { condition, type LogSource } from "./log_source.ts";

const INSERT = `INSERT INTO log_chunks
  (seq, lines, run_id, task_id, attempt, first_line, worker_id, kept_at, time, runs, text)
  VALUES (?,?,?,?,?,?,?,?,?,?,?)`;

/** Most characters of a worker's own output in one chunk. */
const MAX_OWN_TEXT = 32 * 1024;

export class LogStore {
  readonly #db: Database;
  /** By run, or by worker for its own output. */
  readonly #wakers = new Map<string, Set<() => void>>();
  #lastSeq: number;

  constructor(db: Database) {
    this.#db = db;
    const row = db.get<{ seq: number }>(
      "SELECT seq FROM sqlite_sequence WHERE name = 'log_chunks'",
    );
    this.#lastSeq = row?.seq ?? 0;
  }

  /**
   * Keeps lines of an attempt. Lines that are there already (sent again) are kept once, however they
   * were cut into chunks before: what has a number up to the last one's is known.
   */
  append(tx: Tx, workerId: string, sent: LogChunk): void {
    const known = this.#lastLine(sent) - sent.first_line + 1;
    const count = countLines(sent.text);
    if (known >= count) return;
    const chunk = known <= 0 ? sent : withoutFirst(sent, known);
    this.#insert(tx, { ...chunk, worker_id: workerId, lines: count - Math.max(0, known) });
    tx.afterCommit(() => this.#wake(runKey(chunk.run_id)));
  }

  /** Keeps lines that a worker process itself wrote. */
  appendOfWorker(tx: Tx, workerId: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    for (const text of joined(lines)) {
      const count = countLines(text);
      const none = { run_id: null, task_id: null, attempt: null, first_line: null };
      const runs = [[1, count, 0]] as const;
      this.#insert(tx, { ...none, worker_id: workerId, time: tx.now, runs, lines: count, text });
    }
    tx.afterCommit(() => this.#wake(workerKey(workerId)));
  }

  /** Lines behind `after` in order, at most `limit`. For few: it holds the event loop. */
  read(source: LogSource, { after, limit }: { after: number; limit: number }): LogLineView[] {
    const lines: LogLineView[] = [];
    for (let position = after; lines.length < limit;) {
      const part = this.part(source, { after: position, limit: limit - lines.length });
      lines.push(...part.lines);
      position = part.position;
      if (part.isEnd) break;
    }
    return lines;
  }

  /** One bounded step of reading on; see {@linkcode readLogPart}. */
  part(source: LogSource, from: LogPosition): LogPart {
    return readLogPart(this.#db, source, from);
  }

  /** The last lines, oldest first. */
  tail(source: LogSource, limit: number): LogLineView[] {
    const { from, where, values } = condition(source);
    const lines: LogLineView[] = [];
    for (let before = Number.MAX_SAFE_INTEGER; lines.length < limit;) {
      const row = this.#db.get<ChunkRow>(
        `SELECT * FROM ${from} WHERE ${where} AND seq < ? ORDER BY seq DESC LIMIT 1`,
        ...values,
        before,
      );
      if (row === undefined) break;
      lines.unshift(...[...chunkLines(row)].slice(lines.length - limit));
      before = row.seq;
    }
    return lines;
  }

  /** What all chunks take up in bytes, about. */
  bytes(): number {
    return this.#db.get<{ bytes: number }>("SELECT bytes FROM log_size")?.bytes ?? 0;
  }

  /** Calls `wake` when there may be more. @returns how to stop it */
  subscribe(source: LogSource, wake: () => void): () => void {
    const key = "workerId" in source ? workerKey(source.workerId) : runKey(source.runId);
    const wakers = this.#wakers.get(key) ?? new Set();
    this.#wakers.set(key, wakers.add(wake));
    return () => {
      wakers.delete(wake);
      if (wakers.size === 0 && this.#wakers.get(key) === wakers) this.#wakers.delete(key);
    };
  }

  #wake(key: string): void {
    for (const wake of this.#wakers.get(key) ?? []) wake();
  }

  /** Number of the last line of an attempt that is, or was, there; 0 for none. */
  #lastLine({ run_id, task_id, attempt }: LogChunk): number {
    return this.#db.get<{ line: number }>(
      `SELECT first_line + lines - 1 AS line FROM log_chunks
       WHERE run_id = ? AND task_id = ? AND attempt = ? ORDER BY first_line DESC LIMIT 1`,
      run_id,
      task_id,
      attempt,
    )?.line ?? 0;
  }

  #insert(tx: Tx, row: NewRow): void {
    // Not taken back when the transaction fails: a gap in the numbers harms nobody.
    this.#lastSeq += row.lines;
    this.#db.run(
      INSERT,
      this.#lastSeq,
      row.lines,
      row.run_id,
      row.task_id,
      row.attempt,
      row.first_line,
      row.worker_id,
      tx.now,
      row.time,
      JSON.stringify(row.runs),
      // Deno reads text from SQLite up to the first NUL only.
      row.text.includes("\0") ? row.text.replaceAll("\0", "␀") : row.text,
    );
  }
}

/** A row before it has its `seq`, with its runs still apart. */
interface NewRow extends Omit<ChunkRow, "seq" | "runs" | "kept_at"> {
  readonly runs: LogChunk["runs"];
  readonly first_line: number | null;
}

/** Joins lines to texts that fit a chunk; longer lines are cut, at the end of a character. */
function* joined(lines: readonly string[]): Generator<string, void> {
  let text: string | undefined;
  for (const line of lines) {
    const short = line.slice(0, MAX_OWN_TEXT).toWellFormed().replaceAll("\n", " ");
    if (text !== undefined && text.length + short.length > MAX_OWN_TEXT) {
      yield text;
      text = undefined;
    }
    text = text === undefined ? short : `${text}\n${short}`;
  }
  if (text !== undefined) yield text;
}

const runKey = (runId: string): string => `run ${runId}`;
const workerKey = (workerId: string): string => `worker ${workerId}`;
