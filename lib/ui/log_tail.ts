/**
 * The last lines of an output that goes on, in blocks: one that is full never changes again, so it
 * needs to be drawn only once, however much follows.
 */
import type { LogLineView } from "../schema/api.ts";

/** How many lines the server draws; all of them are a link away. */
export const TAIL_LINES = 200;
/** How many lines a page keeps while it follows. */
export const KEPT_LINES = 10_000;
/** How many lines are drawn together. */
export const BLOCK_LINES = 200;

/** Consecutive lines. */
export type LogBlock = readonly LogLineView[];

/** Lines in order, and whether there were others before them. */
export interface LogTail {
  readonly blocks: readonly LogBlock[];
  readonly isCut: boolean;
}

/** The last of `lines`, which may be one more than are shown. */
export function tailOf(lines: readonly LogLineView[]): LogTail {
  const shown = lines.slice(-TAIL_LINES);
  return { blocks: shown.length === 0 ? [] : [shown], isCut: lines.length > TAIL_LINES };
}

/** A tail that has gone on by some lines. What it has already is not added again. */
export function withLines({ blocks, isCut }: LogTail, lines: readonly LogLineView[]): LogTail {
  const last = lastSeq({ blocks });
  const fresh = lines.filter(({ seq }) => seq > last);
  if (fresh.length === 0) return { blocks, isCut };
  const open = blocks.at(-1) ?? [];
  const isFull = open.length >= BLOCK_LINES;
  const grown = isFull ? fresh : [...open, ...fresh];
  const all = [...(isFull ? blocks : blocks.slice(0, -1)), ...inBlocks(grown)];
  let count = countLines({ blocks: all });
  let dropped = 0;
  while (count > KEPT_LINES) count -= all[dropped++]?.length ?? count;
  return { blocks: all.slice(dropped), isCut: isCut || dropped > 0 };
}

/** How many lines there are. */
export function countLines({ blocks }: Pick<LogTail, "blocks">): number {
  return blocks.reduce((sum, block) => sum + block.length, 0);
}

/** Number of the last line, 0 for none. */
export function lastSeq({ blocks }: Pick<LogTail, "blocks">): number {
  return blocks.at(-1)?.at(-1)?.seq ?? 0;
}

function inBlocks(lines: readonly LogLineView[]): LogBlock[] {
  const blocks: LogBlock[] = [];
  for (let at = 0; at < lines.length; at += BLOCK_LINES) {
    blocks.push(lines.slice(at, at + BLOCK_LINES));
  }
  return blocks;
}
