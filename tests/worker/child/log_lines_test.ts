/** From bytes that are cut anywhere to chunks that fit an event. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { isLogChunk, type LogLine, unpackLines } from "../../../lib/schema/log_chunk.ts";
import { MAX_CONTENT_BYTES } from "../../../lib/schema/room_events.ts";
import { type LogBlock, LogLines } from "../../../lib/worker/child/log_lines.ts";
import { Mask } from "../../../lib/worker/child/mask.ts";
import { LogSender } from "../../../lib/worker/child/log_sender.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const REF = { run_id: "dag-run-1", task_id: "task", attempt: 1, lease: "lease" };
const MAX_LINE = 8 * 1024;
const encoder = new TextEncoder();
const nothing = new Mask([]);

type Write = readonly [stream: "stdout" | "stderr", bytes: Uint8Array];

/** What arrives of what is written. Holds every content against the rules on its way. */
function sent(writes: Iterable<Write>, maxBytes = Infinity): LogLine[] {
  const lines: LogLine[] = [];
  const sender = new LogSender((content) => {
    assert.ok(encoder.encode(content).length <= MAX_CONTENT_BYTES, "the event is too large");
    for (const chunk of (JSON.parse(content) as { logs: unknown[] }).logs) {
      assert.ok(isLogChunk(chunk), content.slice(0, 300));
      lines.push(...unpackLines(chunk));
    }
  });
  const output = new LogLines({ maxBytes, mask: () => nothing }, (block) => sender.add(REF, block));
  for (const [stream, bytes] of writes) output.write(stream, bytes);
  output.end();
  sender.flush();
  assert.deepEqual(lines.map(({ line }) => line), lines.map((_, index) => index + 1));
  return lines;
}

/** The bytes of a text in pieces of random lengths. */
function* pieces(text: string, random: () => number, most: number): Generator<Write, void> {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + Math.floor(random() * most);
    yield ["stdout", bytes.subarray(at, end)];
    at = end;
  }
}

const textsOf = (lines: readonly LogLine[]): string[] => lines.map(({ text }) => text);

const PART = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "grapheme", maxLength: 200 }) },
  { weight: 2, arbitrary: fc.constantFrom("\n", "\n", "\r\n", "\n\n", "\x1b[31mred\x1b[0m", "\r") },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom("x", '"', "ü", "文", "😀", "\x01"),
      fc.integer({ min: 1, max: 30_000 }),
    )
      .map(([character, count]) => character.repeat(count)),
  },
);

Deno.test("whatever is printed arrives, however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(PART, { maxLength: 30 }),
      fc.nat(),
      fc.constantFrom(3, 1000, 65536),
      (parts, seed, most) => {
        const text = parts.join("");
        const got = textsOf(sent(pieces(text, seededRandom(seed), most)));
        const expected = text.split("\n").map((line) => line.replace(/\r$/, ""));
        if (text === "" || text.endsWith("\n")) expected.pop();
        if (expected.every((line) => line.length <= MAX_LINE / 6)) {
          return assert.deepEqual(
            got,
            expected,
          );
        }
        // Long lines come in parts. (A "\r" before the end of one may have been at the end of a part.)
        assert.equal(got.join("").replaceAll("\r", ""), expected.join("").replaceAll("\r", ""));
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("escape sequences and line ends within a line are kept", () => {
  const text = '\ufeff\x1b[1;32mok\x1b[0m\r\n10%\r20%\r\n\n tab\tquote"back\\slash\x07';
  assert.deepEqual(textsOf(sent(pieces(text, seededRandom(1), 3))), [
    "\ufeff\x1b[1;32mok\x1b[0m",
    "10%\r20%",
    "",
    ' tab\tquote"back\\slash\x07',
  ]);
});

Deno.test("streams are told apart within a chunk, and each character is whole in its own", () => {
  const [first, second] = [encoder.encode("aü").subarray(0, 2), encoder.encode("ü\n").subarray(1)];
  const lines = sent([["stdout", first], ["stderr", encoder.encode("err\n")], ["stdout", second]]);
  assert.deepEqual(lines.map(({ stream, text }) => [stream, text]), [
    ["stderr", "err"],
    ["stdout", "aü"],
  ]);
});

Deno.test("a line of 50 MB comes in parts of an allowed length, and all of it", () => {
  const piece = encoder.encode("0123456789abcdef".repeat(4096));
  let length = 0;
  let parts = 0;
  const sender = new LogSender((content) => {
    assert.ok(content.length <= MAX_CONTENT_BYTES);
    for (const { text } of unpackLines((JSON.parse(content) as { logs: [never] }).logs[0])) {
      assert.ok(text.length <= MAX_LINE);
      assert.ok("0123456789abcdef".repeat(600).includes(text.slice(0, 16)));
      length += text.length;
      parts++;
    }
  });
  const output = new LogLines(
    { maxBytes: Infinity, mask: () => nothing },
    (block) => sender.add(REF, block),
  );
  for (let round = 0; round < 800; round++) output.write("stdout", piece);
  output.end();
  sender.flush();
  assert.equal(length, 800 * piece.length);
  assert.equal(parts, length / MAX_LINE);
});

Deno.test("output beyond the limit is cut, and the cut is the last line", () => {
  const bytes = encoder.encode("0123456789\n".repeat(100));
  const lines = textsOf(sent([["stdout", bytes], ["stderr", bytes]], 1024));
  assert.equal(lines.at(-1), "[output cut at 1 KiB]");
  assert.equal(lines.slice(0, -1).join("\n").length, 1024);
});

Deno.test("lines of two attempts share events and stay apart", () => {
  const got = new Map<string, string[]>();
  let events = 0;
  const sender = new LogSender((content) => {
    events++;
    for (const chunk of (JSON.parse(content) as { logs: unknown[] }).logs) {
      assert.ok(isLogChunk(chunk));
      got.set(chunk.task_id, [
        ...got.get(chunk.task_id) ?? [],
        ...textsOf([...unpackLines(chunk)]),
      ]);
    }
  });
  const [a, b] = ["a", "b"].map((task_id) => {
    const ref = { ...REF, task_id };
    return new LogLines(
      { maxBytes: Infinity, mask: () => nothing },
      (block) => sender.add(ref, block),
    );
  });
  for (let n = 0; n < 3000; n++) {
    a?.write("stdout", encoder.encode(`a${n}\n`));
    b?.write("stdout", encoder.encode(`b${n}\n`));
  }
  sender.flush();
  const expected = (name: string): string[] =>
    Array.from({ length: 3000 }, (_, n) => `${name}${n}`);
  assert.deepEqual([got.get("a"), got.get("b")], [expected("a"), expected("b")]);
  assert.ok(events < 20, `${events} events`);
});

Deno.test("wherever the bytes are cut, the lines are the same", () => {
  const text = 'a\r\nü€😀\n\n  x\ty"\\\u001b[31m\n\r\r\nend';
  const bytes = encoder.encode(text);
  const whole = ["a", "ü€😀", "", '  x\ty"\\\u001b[31m', "\r", "end"];
  for (let cut = 0; cut <= bytes.length; cut++) {
    const halves: Write[] = [["stdout", bytes.subarray(0, cut)], ["stdout", bytes.subarray(cut)]];
    assert.deepEqual(textsOf(sent(halves)), whole, `cut at ${cut}`);
  }
});

/** Lines, told at once. */
function collect(
  maxBytes = Infinity,
): { output: LogLines; lines: () => LogLine[]; texts: () => string[] } {
  const blocks: LogBlock[] = [];
  const output = new LogLines({ maxBytes, mask: () => nothing }, (block) => blocks.push(block));
  const lines = (): LogLine[] =>
    blocks.flatMap(({ stream, line, time, text }) =>
      text.split("\n").map((each, index) => ({ line: line + index, stream, time, text: each }))
    );
  return { output, lines, texts: () => lines().map(({ text }) => text) };
}

Deno.test("halves of characters don't mix across streams, and all lines are numbered together", () => {
  const { output, lines } = collect();
  const [first, second] = [encoder.encode("ü").subarray(0, 1), encoder.encode("ü").subarray(1)];
  output.write("stdout", first);
  output.write("stderr", first);
  output.write("stderr", encoder.encode("x\n"));
  output.write("stdout", second);
  output.write("stdout", encoder.encode("\n"));
  output.say("stderr", "two\nlines");
  output.end();
  assert.deepEqual(lines().map(({ line, stream, text }) => [line, stream, text]), [
    [1, "stderr", "\uFFFDx"],
    [2, "stdout", "ü"],
    [3, "stderr", "two"],
    [4, "stderr", "lines"],
  ]);
});

Deno.test("whatever the bytes, no line is too long to travel and none ends in half a character", () => {
  const line = fc.string({
    unit: fc.constantFrom("a", '"', "ü", "😀", "\x01", "\r"),
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), fc.nat(), (parts, seed) => {
      const text = parts.map((part) => part.repeat(40)).join("\n");
      for (const got of textsOf(sent(pieces(text, seededRandom(seed), 9000)))) {
        assert.ok(encoder.encode(JSON.stringify(got)).length <= MAX_LINE + 2);
        assert.ok(got.isWellFormed());
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("a stream without line ends doesn't pile up", () => {
  const { output, texts } = collect();
  output.write("stdout", new Uint8Array(64 * 1024).fill(0x61));
  assert.ok(texts().join("").length >= 56 * 1024);
});

Deno.test("the cut is at the byte, says where, and ends the log", () => {
  for (const [max, words] of [[10, "10 bytes"], [2048, "2 KiB"], [3 << 20, "3 MiB"]] as const) {
    const { output, texts } = collect(max);
    output.write("stderr", encoder.encode("begun"));
    output.write("stdout", encoder.encode("y".repeat(max)));
    output.write("stdout", encoder.encode("more\n"));
    output.say("stdout", "and more");
    output.end();
    assert.equal(texts().at(-1), `[output cut at ${words}]`);
    assert.equal(texts().slice(0, -1).join("").length, max);
    assert.ok(texts().includes("begun"));
    assert.equal(texts().filter((text) => text.startsWith("[output cut")).length, 1);
  }
});

Deno.test("with a limit of nothing, the first byte is cut", () => {
  const { output, texts } = collect(0);
  output.write("stdout", encoder.encode(""));
  assert.deepEqual(texts(), []);
  output.write("stdout", encoder.encode("x\n"));
  assert.deepEqual(texts(), ["[output cut at 0 bytes]"]);
});
