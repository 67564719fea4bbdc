/** Looks through all output from the newest to the oldest, in steps that don't take long. */
import type { Database, SqlValue } from "../db/database.ts";
import type { FoundLogLine } from "../schema/log_search_page.ts";
import { chunkLines, type ChunkRow, type LogFilter } from "./log_row.ts";

/** What is looked for, and among which lines. */
export interface LogSearch extends LogFilter {
  readonly runId?: string;
  readonly taskId?: string;
  /** What came from this worker: its own lines and those of its tasks. */
  readonly workerId?: string;
  /** Whether whoever asks may see a chunk. */
  readonly maySee: (chunk: Pick<ChunkRow, "run_id" | "worker_id">) => boolean;
}

/** How far a search has come: chunks up to `chunk`, and of these the lines before `before`. */
export interface SearchPosition {
  readonly chunk: number;
  readonly before: number;
}

/** What one step found. */
export interface SearchPart {
  /** Newest first. */
  readonly lines: readonly FoundLogLine[];
  readonly position: SearchPosition;
  readonly isEnd: boolean;
}

/** Where a search begins. */
export const SEARCH_BEGIN: SearchPosition = {
  chunk: Number.MAX_SAFE_INTEGER,
  before: Number.MAX_SAFE_INTEGER,
};

/** Chunks that one step looks at: at most a megabyte or so of text. */
const STEP_CHUNKS = 16;

/** Looks at a few chunks and gives the lines in them that fit; there may be none. */
export function searchLogPart(
  db: Database,
  search: LogSearch,
  { position, limit }: { position: SearchPosition; limit: number },
): SearchPart {
  const { from, where, values } = condition(search);
  // The text of what is too new isn't even read.
  const rows = db.iterate<ChunkRow>(
    `SELECT seq, lines, run_id, task_id, attempt, worker_id, kept_at, time, runs,
       iif(time < ?, text, '') AS text
     FROM ${from} WHERE ${where} AND seq <= ? ORDER BY seq DESC LIMIT ${STEP_CHUNKS}`,
    search.until ?? Number.MAX_SAFE_INTEGER,
    ...values,
    position.chunk,
  );
  const lines: FoundLogLine[] = [];
  let reached = position;
  let chunks = 0;
  for (const row of rows) {
    // What was kept before a moment was written before it; so was all that follows here.
    if (search.since !== undefined && row.kept_at < search.since) {
      return { lines, position: reached, isEnd: true };
    }
    for (const line of found(row, search, position.before)) {
      lines.push(line);
      if (lines.length < limit) continue;
      return { lines, position: { chunk: row.seq, before: line.seq }, isEnd: false };
    }
    reached = { chunk: row.seq - 1, before: row.seq };
    chunks++;
  }
  return { lines, position: reached, isEnd: chunks < STEP_CHUNKS };
}

/** Lines of a chunk before a `seq`, newest first. */
function found(row: ChunkRow, search: LogSearch, before: number): FoundLogLine[] {
  if (row.time >= (search.until ?? Infinity) || !search.maySee(row)) return [];
  const lines: FoundLogLine[] = [];
  const { run_id, worker_id } = row;
  for (const line of chunkLines(row, { filter: search })) {
    if (line.seq < before) lines.push({ ...line, run_id, worker_id });
  }
  return lines.reverse();
}

/** The index brings the chunks in order; the rest is looked at in each. */
function condition(
  { runId, taskId, workerId }: LogSearch,
): { from: string; where: string; values: SqlValue[] } {
  const given: (readonly [sql: string, value: string])[] = [];
  if (runId !== undefined) given.push(["run_id = ?", runId]);
  if (taskId !== undefined) given.push(["task_id = ?", taskId]);
  if (workerId !== undefined) given.push(["worker_id = ?", workerId]);
  const index = runId !== undefined
    ? "INDEXED BY log_chunks_of_run"
    : workerId !== undefined
    ? "INDEXED BY log_chunks_from_worker"
    : "NOT INDEXED";
  return {
    from: `log_chunks ${index}`,
    where: given.length === 0 ? "true" : given.map(([sql]) => sql).join(" AND "),
    values: given.map(([, value]) => value),
  };
}
