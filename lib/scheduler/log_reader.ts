/** Reads output in the order of its `seq`, in steps that don't hold the event loop for long. */
import type { Database } from "../db/database.ts";
import type { LogLineView } from "../schema/api.ts";
import { chunkLines, type ChunkRow, type LogFilter } from "./log_row.ts";
import { condition, type LogSource } from "./log_source.ts";

/** Where to go on, and what to take. */
export interface LogPosition {
  /** Lines up to this `seq` have been looked at. */
  readonly after: number;
  /** Most lines to give. */
  readonly limit: number;
  readonly filter?: LogFilter;
}

/** What one step found. */
export interface LogPart {
  readonly lines: readonly LogLineView[];
  /** Where the next step goes on: everything up to there has been looked at. */
  readonly position: number;
  /** Whether nothing was left behind that. */
  readonly isEnd: boolean;
}

/** Chunks that one step looks at: at most a megabyte or so of text. */
const STEP_CHUNKS = 16;

/** Looks at a few chunks and gives the lines in them that fit; there may be none. */
export function readLogPart(
  db: Database,
  source: LogSource,
  { after, limit, filter }: LogPosition,
): LogPart {
  const { from, where, values } = condition(source);
  const rows = db.iterate<ChunkRow>(
    `SELECT * FROM ${from} WHERE ${where} AND seq > ? ORDER BY seq LIMIT ${STEP_CHUNKS}`,
    ...values,
    after,
  );
  const lines: LogLineView[] = [];
  let position = after;
  let chunks = 0;
  for (const row of rows) {
    for (const line of chunkLines(row, { after, filter })) {
      lines.push(line);
      // Whether anything is left shows itself the next time.
      if (lines.length >= limit) return { lines, position: line.seq, isEnd: false };
    }
    position = row.seq;
    chunks++;
  }
  return { lines, position, isEnd: chunks < STEP_CHUNKS };
}
