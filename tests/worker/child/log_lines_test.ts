import assert from "node:assert/strict";
import { LogLines } from "../../../lib/worker/child/log_lines.ts";
import type { LogLine } from "../../../lib/schema/room_events.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function collect(maxBytes = 1e9): { lines: LogLine[]; log: LogLines; texts: () => string[] } {
  const lines: LogLine[] = [];
  const log = new LogLines(maxBytes, (line) => lines.push(line));
  return { lines, log, texts: () => lines.map(({ text }) => text) };
}

Deno.test("wherever the bytes are cut, the lines are the same", () => {
  const text = 'a\r\nü€😀\n\n  x\ty"\\\u001b[31m\n\r\r\nend';
  const bytes = encode(text);
  const whole = collect();
  whole.log.write("stdout", bytes);
  whole.log.end();
  assert.deepEqual(whole.texts(), ["a", "ü€😀", "", '  x\ty"\\\u001b[31m', "\r", "end"]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { log, texts } = collect();
    log.write("stdout", bytes.subarray(0, cut));
    log.write("stdout", bytes.subarray(cut));
    log.end();
    assert.deepEqual(texts(), whole.texts(), `cut at ${cut}`);
  }
});

Deno.test("two streams don't mix, and are numbered together", () => {
  const { log, lines } = collect();
  const [first, second] = [encode("ü").subarray(0, 1), encode("ü").subarray(1)];
  log.write("stdout", first);
  log.write("stderr", first);
  log.write("stderr", encode("x\n"));
  log.write("stdout", second);
  log.write("stdout", encode("\n"));
  log.say("stderr", "two\nlines");
  log.end();
  assert.deepEqual(lines.map(({ line, stream, text }) => [line, stream, text]), [
    [1, "stderr", "\uFFFDx"],
    [2, "stdout", "ü"],
    [3, "stderr", "two"],
    [4, "stderr", "lines"],
  ]);
});

Deno.test("random bytes in random pieces: nothing is lost, no line is too long to travel", () => {
  const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const random = seededRandom(seed);
  for (let round = 0; round < 20; round++) {
    const { log, texts } = collect();
    const pieces = Array.from({ length: 1 + Math.floor(random() * 8) }, () => {
      const long = random() < 0.3;
      const alphabet = long ? 'a"ü😀\u0001' : 'ab"\\\n\r ü€😀\u0000';
      const characters = [...alphabet];
      const length = Math.floor(random() * (long ? 30_000 : 200));
      return Array.from({ length }, () => characters[Math.floor(random() * characters.length)])
        .join("");
    });
    const bytes = encode(pieces.join(""));
    for (let at = 0; at < bytes.length;) {
      const size = 1 + Math.floor(random() * 9_000);
      log.write("stdout", bytes.subarray(at, at + size));
      at += size;
    }
    log.end();
    // Line ends are what separates lines, and a split adds none: so only those are left out.
    const bare = (text: string): string => text.replaceAll(/\r?\n|\r$/g, "");
    assert.ok(texts().join("") === bare(pieces.join("")), `SEED=${seed}`);
    for (const text of texts()) {
      assert.ok(encode(JSON.stringify(text)).length <= 8 * 1024 + 2, `SEED=${seed}`);
      assert.ok(text.isWellFormed(), `SEED=${seed}`);
    }
  }
});

Deno.test("a stream without line ends doesn't pile up", () => {
  const { log, lines } = collect();
  const chunk = new Uint8Array(64 * 1024).fill(0x61);
  log.write("stdout", chunk);
  assert.ok(lines.reduce((sum, { text }) => sum + text.length, 0) >= 56 * 1024);
});

Deno.test("the cut is at the byte, says where, and ends the log", () => {
  for (const [max, words] of [[10, "10 bytes"], [2048, "2 KiB"], [3 << 20, "3 MiB"]] as const) {
    const { log, lines, texts } = collect(max);
    log.write("stderr", encode("begun"));
    log.write("stdout", encode("y".repeat(max)));
    log.write("stdout", encode("more\n"));
    log.say("stdout", "and more");
    log.end();
    assert.equal(texts().at(-1), `[output cut at ${words}]`);
    assert.equal(texts().slice(0, -1).join("").length, max);
    assert.ok(texts().includes("begun"));
    assert.equal(lines.filter(({ text }) => text.startsWith("[output cut")).length, 1);
  }
});

Deno.test("with a limit of nothing, the first byte is cut", () => {
  const { log, texts } = collect(0);
  log.write("stdout", encode(""));
  assert.deepEqual(texts(), []);
  log.write("stdout", encode("x\n"));
  assert.deepEqual(texts(), ["[output cut at 0 bytes]"]);
});
