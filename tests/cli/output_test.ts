import assert from "node:assert/strict";
import fc from "fast-check";
import { Output } from "../../lib/cli/output.ts";
import { plainLogLine, plainText } from "../../lib/cli/plain_text.ts";
import { padText, textWidth } from "../../lib/cli/text_width.ts";

function capture(
  options: { color?: boolean } = {},
): { out: Output; out1: string[]; out2: string[] } {
  const out1: string[] = [];
  const out2: string[] = [];
  const out = new Output({
    writeOut: (text) => out1.push(text),
    writeError: (text) => out2.push(text),
    ...options,
  });
  return { out, out1, out2 };
}

Deno.test("results go to stdout, notes to stderr", () => {
  const { out, out1, out2 } = capture();
  out.line("result");
  out.note("hint");
  assert.deepEqual([out1, out2], [["result\n"], ["hint\n"]]);
});

Deno.test("without colours nothing is painted", () => {
  const { out, out1 } = capture();
  out.line(out.paint("red", "bad"));
  assert.deepEqual(out1, ["bad\n"]);
});

Deno.test("with colours what is painted stands out and the rest is reset", () => {
  const { out, out1 } = capture({ color: true });
  out.line(out.paint("red", "bad") + " rest");
  assert.deepEqual(out1, ["\x1b[31mbad\x1b[0m rest\x1b[0m\n"]);
});

Deno.test("foreign escape sequences are shown, not done, with colours and without", () => {
  for (const color of [false, true]) {
    const { out, out1 } = capture({ color });
    out.line("name \x1b[2J\x1b[8mhidden\x1b]0;title\x07 \u202etxt.exe");
    assert.equal(
      out1.join(""),
      "name \\u{1b}[2J\\u{1b}[8mhidden\\u{1b}]0;title\\u{7} \\u{202e}txt.exe\n",
    );
  }
});

Deno.test("a line can't become two", () => {
  const { out, out1 } = capture();
  out.line("task\nConfirmed by owner\r\nx");
  assert.deepEqual(out1, ["task\\nConfirmed by owner\\r\\nx\n"]);
});

Deno.test("whatever is written, only one line and only own colours come out", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, color) => {
    const { out, out1 } = capture({ color });
    out.line(text);
    const written = out1.join("");
    assert.equal(written.indexOf("\n"), written.length - 1);
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    const rest = written.slice(0, -1).replace(/\x1b\[(?:0|1|2|31|32|33|36)m/g, "");
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    assert.doesNotMatch(rest, /[\x00-\x1f\x7f-\x9f]/);
  }));
});

Deno.test("a block keeps its lines and indents each", () => {
  const { out, out1 } = capture();
  out.block("a\n\tb\n", "  ");
  assert.equal(out1.join(""), "  a\n      b\n");
});

Deno.test("fields are aligned; those without a value are left out", () => {
  const { out, out1 } = capture();
  out.fields([["a", "1"], ["long", "2"], ["none", null], ["empty", ""]]);
  assert.equal(out1.join(""), "  a     1\n  long  2\n");
});

Deno.test("columns are as wide as they have to be, in columns of the terminal", () => {
  const { out, out1 } = capture();
  out.table(["ID", "STATUS"], [["a", "ok"], ["部署任务", "failed"], ["with\nbreak", ""]]);
  assert.equal(
    out1.join(""),
    "ID           STATUS\na            ok\n部署任务     failed\nwith\\nbreak\n",
  );
});

Deno.test("colours take no room in a table", () => {
  const { out, out1 } = capture({ color: true });
  out.table(["A", "B"], [[out.paint("red", "x"), "1"], ["yy", "2"]]);
  // deno-lint-ignore no-control-regex -- colours begin with one
  const lines = out1.join("").replaceAll(/\x1b\[\d+m/g, "").split("\n");
  assert.deepEqual(lines, ["A   B", "x   1", "yy  2", ""]);
});

Deno.test("a document is readable, a line of a stream is one line", () => {
  const { out, out1 } = capture();
  out.document({ a: 1 });
  out.jsonLine({ a: "x\ny" });
  assert.deepEqual(out1, ['{\n  "a": 1\n}\n', '{"a":"x\\ny"}\n']);
});

Deno.test("a log line loses its colours, titles and carriage return, and nothing else", () => {
  assert.equal(plainLogLine("\x1b[1;31merror\x1b[0m\x1b]0;t\x07: 100%\r"), "error: 100%");
  assert.equal(plainLogLine("10%\r20%"), "10%\\r20%");
});

Deno.test("plain text leaves letters of all scripts alone", () => {
  const text = "Überprüfung 部署 деплой 🚀 e\u0301";
  assert.equal(plainText(text), text);
});

Deno.test("width counts what a terminal shows", () => {
  for (
    const [text, width] of [["abc", 3], ["部署", 4], ["é", 1], ["e\u0301", 1], ["🚀", 2], [
      "",
      0,
    ]] as const
  ) assert.equal(textWidth(text), width, text);
  assert.equal(padText("部署", 6), "部署  ");
  assert.equal(padText("toolong", 3), "toolong");
});
