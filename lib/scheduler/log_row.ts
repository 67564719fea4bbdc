/** Rows of `log_chunks` and the lines in them. */
import type { LogLineView } from "../schema/api.ts";
import { LOG_STREAMS, type LogRun, type LogStream } from "../schema/log_chunk.ts";

/** A row, as far as reading takes it. */
export interface ChunkRow {
  /** Of its last line. */
  readonly seq: number;
  readonly lines: number;
  readonly run_id: string | null;
  readonly task_id: string | null;
  readonly attempt: number | null;
  readonly worker_id: string;
  readonly kept_at: number;
  /** Of its first line. */
  readonly time: number;
  /** JSON. */
  readonly runs: string;
  readonly text: string;
}

/** Which lines are wanted; what is absent is not looked at. */
export interface LogFilter {
  readonly attempt?: number;
  readonly stream?: LogStream;
  /** Epoch milliseconds: from this on, and before that. */
  readonly since?: number;
  readonly until?: number;
  /** Part of the text; upper and lower case are the same. */
  readonly q?: string;
}

/** The lines of a row that fit, from behind `after` on. */
export function* chunkLines(
  row: ChunkRow,
  { after = 0, filter = {} }: { after?: number; filter?: LogFilter } = {},
): Generator<LogLineView, void> {
  if (filter.attempt !== undefined && row.attempt !== filter.attempt) return;
  const wanted = filter.q?.toLowerCase();
  const isPlain = wanted === undefined;
  if (!isPlain && !row.text.toLowerCase().includes(wanted)) return;
  let seq = row.seq - row.lines;
  let start = 0;
  for (const [streamIndex, count, offset] of JSON.parse(row.runs) as LogRun[]) {
    const stream = LOG_STREAMS[streamIndex];
    const at = row.time + offset;
    const fits = (filter.stream === undefined || filter.stream === stream) &&
      (filter.since === undefined || at >= filter.since) &&
      (filter.until === undefined || at < filter.until);
    const time = new Date(at).toISOString();
    for (let left = count; left > 0; left--) {
      const found = row.text.indexOf("\n", start);
      const end = found < 0 ? row.text.length : found;
      seq++;
      if (fits && seq > after) {
        const text = row.text.slice(start, end);
        if (isPlain || text.toLowerCase().includes(wanted)) {
          yield lineView(row, { seq, time, stream, text });
        }
      }
      start = end + 1;
    }
  }
}

function lineView(
  { task_id, attempt }: ChunkRow,
  line: Pick<LogLineView, "seq" | "time" | "stream" | "text">,
): LogLineView {
  const { seq, time, stream, text } = line;
  return { seq, time, task_id: task_id ?? "", attempt: attempt ?? 0, stream, text };
}
