import assert from "node:assert/strict";
import fc from "fast-check";
import { visibleJson, visibleLogLine, visibleText } from "../../lib/ui/visible_text.ts";

Deno.test("what can be seen stays as it is", () => {
  const text = "echo 'héllo 世界' | grep -v \"x\" # <b>\n\tline two";
  assert.equal(visibleText(text), text);
});

Deno.test("what hides or reorders is shown by number", () => {
  assert.equal(
    visibleText("a\u202eb\u200bc\u{e0041}d\0"),
    "a\\u{202e}b\\u{200b}c\\u{e0041}d\\u{0}",
  );
  assert.equal(visibleText("one\r\ntwo\u2028three"), "one\\r\ntwo\\u{2028}three");
  assert.equal(visibleJson({ a: "\u2066" }), '{\n  "a": "\\u{2066}"\n}');
});

Deno.test("a line of output loses its colours and keeps its words", () => {
  assert.equal(visibleLogLine("\x1b[1;31mred\x1b[0m and \x1b]0;title\x07plain\r"), "red and plain");
  assert.equal(visibleLogLine("half a sequence \x1b"), "half a sequence \\u{1b}");
});

Deno.test("no text comes out with format or control characters in it", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.doesNotMatch(
      visibleText(text).replaceAll(/[\n\t]/g, ""),
      /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u,
    );
  }));
});
