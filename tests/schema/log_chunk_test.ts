import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isLogChunk,
  type LogChunk,
  type LogLine,
  unpackLines,
  withoutFirst,
} from "../../lib/schema/log_chunk.ts";
import { packLines } from "../helpers/pack_lines.ts";

const REF = { run_id: "r", task_id: "t", attempt: 1, lease: "l" };

/** Consecutive lines of any text, at times that don't go back. */
const LINES = fc.tuple(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.array(
    fc.record({
      text: fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll("\n", "")),
      stream: fc.constantFrom("stdout" as const, "stderr" as const),
      wait: fc.nat(50),
    }),
    { minLength: 1, maxLength: 40 },
  ),
).map(([first, lines]): LogLine[] => {
  let time = 1_000_000;
  return lines.map(({ text, stream, wait }, index) => {
    time += wait;
    return { line: first + index, time, stream, text };
  });
});

Deno.test("what is unpacked is what was packed, line by line", () => {
  fc.assert(fc.property(LINES, (lines) => {
    const [stretch, ...more] = packLines(lines);
    assert.ok(stretch !== undefined && more.length === 0);
    const sent = JSON.parse(JSON.stringify({ ...REF, ...stretch })) as unknown;
    assert.ok(isLogChunk(sent));
    assert.deepEqual([...unpackLines(sent)], lines);
  }));
});

Deno.test("without its first lines a chunk is the rest, and still a chunk", () => {
  fc.assert(fc.property(LINES, fc.nat(), (lines, seed) => {
    const skip = seed % lines.length;
    const [stretch] = packLines(lines);
    assert.ok(stretch !== undefined);
    const rest = withoutFirst({ ...REF, ...stretch }, skip);
    assert.ok(isLogChunk(rest));
    assert.deepEqual([...unpackLines(rest)], lines.slice(skip));
  }));
});

const GOOD: LogChunk = {
  ...REF,
  first_line: 1,
  time: 1000,
  runs: [[0, 2, 0], [1, 1, 5]],
  text: "a\nb\nc",
};

const BAD: Record<string, unknown> = {
  "nothing": null,
  "a list": [],
  "fewer lines than it counts": { ...GOOD, text: "a\nb" },
  "more lines than it counts": { ...GOOD, text: "a\nb\nc\n" },
  "no runs": { ...GOOD, runs: [] },
  "runs of another shape": { ...GOOD, runs: [[0, 3]] },
  "a third stream": { ...GOOD, runs: [[2, 3, 0]] },
  "a run of nothing": { ...GOOD, runs: [[0, 3, 0], [1, 0, 0]] },
  "a run of less than nothing": { ...GOOD, runs: [[0, 4, 0], [1, -1, 0]] },
  "half a line": { ...GOOD, runs: [[0, 2.5, 0], [1, 0.5, 0]] },
  "line 0": { ...GOOD, first_line: 0 },
  "a time that no date has": { ...GOOD, time: 9e15 },
  "an offset that leads out of all time": { ...GOOD, runs: [[0, 3, 9e15]] },
  "an offset before all time": { ...GOOD, runs: [[0, 3, -1001]] },
  "no lease": { ...GOOD, lease: undefined },
  "more text than an event may have": { ...GOOD, runs: [[0, 1, 0]], text: "x".repeat(50_000) },
};

Deno.test("a chunk whose parts agree is one", () => {
  assert.ok(isLogChunk(GOOD));
});
for (const [what, value] of Object.entries(BAD)) {
  Deno.test(`no chunk: ${what}`, () => {
    assert.equal(isLogChunk(value), false);
  });
}
