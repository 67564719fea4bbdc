import assert from "node:assert/strict";
import type { LogLineView } from "../../lib/schema/api.ts";
import {
  BLOCK_LINES,
  countLines,
  KEPT_LINES,
  lastSeq,
  TAIL_LINES,
  tailOf,
  withLines,
} from "../../lib/ui/log_tail.ts";

function lines(from: number, count: number): LogLineView[] {
  return Array.from({ length: count }, (_, at) => ({
    seq: from + at,
    time: "",
    task_id: "t",
    attempt: 1,
    stream: "stdout",
    text: `${from + at}`,
  }));
}

Deno.test("a page begins with the last lines and says when there were others", () => {
  assert.deepEqual(tailOf([]), { blocks: [], isCut: false });
  const all = lines(1, TAIL_LINES + 1);
  assert.deepEqual(tailOf(all), { blocks: [all.slice(1)], isCut: true });
  assert.equal(tailOf(all.slice(1)).isCut, false);
});

Deno.test("lines that come are kept in order, and those that came before are not doubled", () => {
  let tail = tailOf(lines(1, 3));
  tail = withLines(tail, lines(2, 5));
  tail = withLines(tail, lines(4, 3));
  assert.deepEqual(tail, { blocks: [lines(1, 6)], isCut: false });
  assert.equal(withLines(tail, lines(1, 6)).blocks, tail.blocks);
  assert.equal(lastSeq(tail), 6);
});

Deno.test("a block that is full stays the same, so that it is drawn once", () => {
  const full = tailOf(lines(1, BLOCK_LINES));
  const next = withLines(full, lines(BLOCK_LINES + 1, 2 * BLOCK_LINES + 1));
  assert.equal(next.blocks[0], full.blocks[0]);
  assert.deepEqual(next.blocks.map((block) => block.length), [
    BLOCK_LINES,
    BLOCK_LINES,
    BLOCK_LINES,
    1,
  ]);
});

Deno.test("a page keeps only so many lines, the last ones", () => {
  let tail = tailOf([]);
  for (let from = 1; from < 2 * KEPT_LINES; from += 777) tail = withLines(tail, lines(from, 777));
  assert.ok(countLines(tail) <= KEPT_LINES && countLines(tail) > KEPT_LINES - BLOCK_LINES);
  assert.equal(tail.isCut, true);
  const seqs = tail.blocks.flat().map(({ seq }) => seq);
  assert.deepEqual(seqs, lines(seqs[0] ?? 0, seqs.length).map(({ seq }) => seq));
});
