/** The last lines of an output that goes on. */
import type { LogLineView } from "../schema/api.ts";

/** How many lines a page shows; more would make it slow, and all of them are a link away. */
export const TAIL_LINES = 500;

/** Lines in order, and whether there were others before them. */
export interface LogTail {
  readonly lines: readonly LogLineView[];
  readonly isCut: boolean;
}

/** The last of `lines`, which may be one more than are shown. */
export function tailOf(lines: readonly LogLineView[]): LogTail {
  return { lines: lines.slice(-TAIL_LINES), isCut: lines.length > TAIL_LINES };
}

/** A tail that has gone on by a line. */
export function withLine({ lines, isCut }: LogTail, line: LogLineView): LogTail {
  const next = tailOf([...lines, line]);
  return { lines: next.lines, isCut: isCut || next.isCut };
}
