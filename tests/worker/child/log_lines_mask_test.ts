/** Lines of an attempt's output, with secrets in it. */
import assert from "node:assert/strict";
import { LogLines } from "../../../lib/worker/child/log_lines.ts";
import { Mask } from "../../../lib/worker/child/mask.ts";

const encoder = new TextEncoder();

function linesOf(secrets: string[], maxBytes = 1_000): { output: LogLines; lines: string[] } {
  const lines: string[] = [];
  const mask = new Mask(secrets);
  const output = new LogLines(
    { maxBytes, mask: () => mask },
    ({ text }) => lines.push(...text.split("\n")),
  );
  return { output, lines };
}

Deno.test("a secret is masked though characters are cut in half and streams take turns", () => {
  const { output, lines } = linesOf(["sücrét-ü-1"]);
  for (const byte of encoder.encode("<sücrét-ü-1>\n")) {
    output.write("stdout", Uint8Array.of(byte));
    output.write("stderr", Uint8Array.of(byte));
  }
  output.end();
  assert.deepEqual(lines, ["<***>", "<***>"]);
});

Deno.test("what was held back and was no secret is not lost, its line ends included", () => {
  const { output, lines } = linesOf(["line one\nline two\nline three"]);
  output.write("stdout", encoder.encode("line one\nline two\nline "));
  output.end();
  // The lines are secrets by themselves; the rest is none.
  assert.deepEqual(lines, ["***", "***", "line "]);
});

Deno.test("a line is not held back because it may be the first of a short secret's lines", () => {
  const { output, lines } = linesOf(["a\nb\nc\nd\ne\nf"]);
  output.write("stdout", encoder.encode("a\nb\n"));
  output.write("stdout", encoder.encode("x\na\nb"));
  assert.deepEqual(lines, ["a", "b", "x"]);
  output.end();
  assert.deepEqual(lines, ["a", "b", "x", "a", "b"]);
});

Deno.test("where output is cut, no beginning of a secret is left", () => {
  const { output, lines } = linesOf(["topsecret-1"], 10);
  output.write("stdout", encoder.encode("abc topsecret-1 and more\n"));
  output.end();
  assert.deepEqual(lines, ["abc ", "[output cut at 10 bytes]"]);
});

Deno.test("lines of the worker's own are masked as a whole", () => {
  const { output, lines } = linesOf(["topsecret-1\nand -2 of it"]);
  output.say("stderr", "it said topsecret-1\nand -2 of it twice");
  assert.deepEqual(lines, ["it said *** twice"]);
});
