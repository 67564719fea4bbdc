/**
 * Output as it travels and is stored: a chunk is a stretch of consecutive lines of one attempt, their
 * text as one string. A line costs its characters and one line end, nowhere an object of its own.
 * Loaded by workers, so no zod here: {@linkcode isLogChunk} is the check.
 * @module
 */

/** Where a line was written to. */
export type LogStream = "stdout" | "stderr";

/** Streams as runs count them. */
export const LOG_STREAMS = ["stdout", "stderr"] as const satisfies readonly LogStream[];

/** Lines of one stream that came at one moment: stream, how many, milliseconds after the chunk's. */
export type LogRun = readonly [stream: 0 | 1, lines: number, offset: number];

/** Consecutive lines, without saying whose. */
export interface LogStretch {
  /** Number of the first one; lines count from 1 within the attempt, over both streams. */
  readonly first_line: number;
  /** Epoch milliseconds of the first one. */
  readonly time: number;
  /** In order; together as many as there are lines. */
  readonly runs: readonly LogRun[];
  /** The lines, joined by "\n"; none at the end. */
  readonly text: string;
}

/** Lines of an attempt. */
export interface LogChunk extends LogStretch {
  readonly run_id: string;
  readonly task_id: string;
  readonly attempt: number;
  readonly lease: string;
}

/** One line of an attempt's output. */
export interface LogLine {
  readonly line: number;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly stream: LogStream;
  readonly text: string;
}

/** No text that fits an event has more characters. */
const MAX_TEXT = 48 * 1024;
/** The last moment that a Date can name. */
const LAST_MOMENT = 8.64e15;

/** How many lines a text has: one more than line ends. */
export function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** Whether something from outside is a chunk whose counts agree with each other. */
export function isLogChunk(value: unknown): value is LogChunk {
  if (typeof value !== "object" || value === null) return false;
  const chunk = value as Partial<Record<keyof LogChunk, unknown>>;
  return typeof chunk.run_id === "string" && typeof chunk.task_id === "string" &&
    typeof chunk.lease === "string" && isCount(chunk.attempt) && isCount(chunk.first_line) &&
    typeof chunk.text === "string" && chunk.text.length <= MAX_TEXT && isMoment(chunk.time) &&
    linesOfRuns(chunk.runs, chunk.time) === countLines(chunk.text);
}

/** The lines, one by one. */
export function* unpackLines(
  { first_line, time, runs, text }: LogStretch,
): Generator<LogLine, void> {
  let line = first_line;
  let start = 0;
  for (const [stream, count, offset] of runs) {
    for (let left = count; left > 0; left--) {
      const end = text.indexOf("\n", start);
      const content = end < 0 ? text.slice(start) : text.slice(start, end);
      yield { line, time: time + offset, stream: LOG_STREAMS[stream], text: content };
      start = end + 1;
      line++;
    }
  }
}

/** The chunk without its first lines. @param count less than it has */
export function withoutFirst<T extends LogStretch>(chunk: T, count: number): T {
  let start = 0;
  for (let left = count; left > 0; left--) start = chunk.text.indexOf("\n", start) + 1;
  const runs: LogRun[] = [];
  let skip = count;
  for (const [stream, lines, offset] of chunk.runs) {
    if (skip < lines) runs.push([stream, lines - skip, offset]);
    skip = Math.max(0, skip - lines);
  }
  return { ...chunk, first_line: chunk.first_line + count, runs, text: chunk.text.slice(start) };
}

/** Lines that runs stand for; undefined where they aren't runs. */
function linesOfRuns(runs: unknown, time: number): number | undefined {
  if (!Array.isArray(runs)) return undefined;
  let sum = 0;
  for (const run of runs) {
    if (!Array.isArray(run) || run.length !== 3 || (run[0] !== 0 && run[0] !== 1)) return undefined;
    if (!isCount(run[1]) || !isMoment(time + run[2])) return undefined;
    sum += run[1];
  }
  return sum;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

function isMoment(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= LAST_MOMENT;
}
