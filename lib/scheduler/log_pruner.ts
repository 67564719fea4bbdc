/**
 * Removes the oldest output: what is older than the retention, and what is too much in all. Where
 * lines were, one line says how many and why, so that whoever reads isn't told half of a story.
 */
import type { Database } from "../db/database.ts";
import { formatSize } from "../schema/size.ts";
import type { ChunkRow } from "./log_row.ts";
import type { LogStore } from "./log_store.ts";

export interface LogPrunerParts {
  readonly db: Database;
  readonly logs: LogStore;
  /** Output older than so many days goes; null: none does. */
  readonly retentionDays: number | null;
  /** What output may take up in bytes; null: whatever it is. */
  readonly maxBytes: number | null;
  /** Told lines about what goes wrong. */
  readonly report: (line: string) => void;
}

const EVERY_MS = 10_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Chunks in one write: others get their turn after a few milliseconds. */
const STEP_CHUNKS = 32;

/** What is read of a chunk: not its text, which may be large. */
type OldChunk = Omit<ChunkRow, "time" | "runs" | "text">;

export class LogPruner {
  readonly #parts: LogPrunerParts;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** No chunk up to here can be removed any more. */
  #floor = 0;
  #running: Promise<number> | undefined;

  constructor(parts: LogPrunerParts) {
    this.#parts = parts;
  }

  /** Removes what is to go, now and from time to time. */
  start(): void {
    const run = (): void => {
      this.runOnce().catch((error) => this.#parts.report(`removing old logs: ${String(error)}`));
    };
    run();
    this.#timer = setInterval(run, EVERY_MS);
  }

  /** Ends that, and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    // Its failure was reported where it was started.
    await this.#running?.catch(() => {});
  }

  /** Removes all that is to go. @returns how many lines that was */
  runOnce(): Promise<number> {
    this.#running ??= this.#removeAll().finally(() => this.#running = undefined);
    return this.#running;
  }

  async #removeAll(): Promise<number> {
    let lines = 0;
    for (let step = -1; step !== 0; lines += step) {
      step = await this.#parts.db.write(({ now }) => this.#removeSome(now));
    }
    return lines;
  }

  #removeSome(now: number): number {
    const { db } = this.#parts;
    const chunks = db.all<OldChunk>(
      `SELECT seq, lines, run_id, task_id, attempt, worker_id, kept_at FROM log_chunks
       WHERE seq > ? AND removed = 0 ORDER BY seq LIMIT ${STEP_CHUNKS}`,
      this.#floor,
    );
    let lines = 0;
    for (const chunk of chunks) {
      const why = this.#whyRemove(chunk, now);
      if (why === undefined) break;
      this.#remove(chunk, why);
      this.#floor = chunk.seq;
      lines += chunk.lines;
    }
    return lines;
  }

  #whyRemove({ kept_at }: OldChunk, now: number): string | undefined {
    const { logs, retentionDays, maxBytes } = this.#parts;
    if (retentionDays !== null && kept_at < now - retentionDays * DAY_MS) {
      return `older than ${retentionDays} ${retentionDays === 1 ? "day" : "days"}`;
    }
    if (maxBytes !== null && logs.bytes() > maxBytes) {
      return `all logs together were larger than ${formatSize(maxBytes)}`;
    }
    return undefined;
  }

  /** Puts a mark in the place of a chunk; it counts what an earlier mark did, which goes. */
  #remove(chunk: OldChunk, why: string): void {
    const { db } = this.#parts;
    const mark = this.#markBefore(chunk);
    if (mark !== undefined) db.run("DELETE FROM log_chunks WHERE seq = ?", mark.seq);
    const count = chunk.lines + (mark?.removed ?? 0);
    db.run(
      `UPDATE log_chunks SET lines = 1, first_line = first_line + lines - 1, runs = '[[1,1,0]]',
       removed = ?, text = ? WHERE seq = ?`,
      count,
      `[${count} ${count === 1 ? "line" : "lines"} removed here: ${why}]`,
      chunk.seq,
    );
  }

  #markBefore(chunk: OldChunk): { seq: number; removed: number } | undefined {
    const first = chunk.run_id === null
      ? this.#parts.db.get<{ seq: number; removed: number }>(
        `SELECT seq, removed FROM log_chunks INDEXED BY log_chunks_of_worker
         WHERE run_id IS NULL AND worker_id = ? ORDER BY seq LIMIT 1`,
        chunk.worker_id,
      )
      : this.#parts.db.get<{ seq: number; removed: number }>(
        `SELECT seq, removed FROM log_chunks INDEXED BY log_chunks_of_attempt
         WHERE run_id = ? AND task_id = ? AND attempt = ? ORDER BY first_line LIMIT 1`,
        chunk.run_id,
        chunk.task_id,
        chunk.attempt,
      );
    return first === undefined || first.removed === 0 ? undefined : first;
  }
}
