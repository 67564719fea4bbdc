import assert from "node:assert/strict";
import fc from "fast-check";
import { type DiffLine, diffLines, withGaps } from "../../lib/ui/line_diff.ts";

function shown(lines: readonly DiffLine[]): string[] {
  return lines.map(({ kind, text }) => ({ same: " ", added: "+", removed: "-" })[kind] + text);
}

Deno.test("lines that stay are told from those that come and go", () => {
  assert.deepEqual(shown(diffLines("a\nb\nc\nd", "a\nx\nc\nd\ne")), [
    ...[" a", "-b", "+x", " c", " d", "+e"],
  ]);
  assert.deepEqual(shown(diffLines("a", "a")), [" a"]);
});

Deno.test("both texts can be read out of their difference", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 });
  fc.assert(fc.property(text, text, (a, b) => {
    const lines = diffLines(a.join("\n"), b.join("\n"));
    const side = (kind: string): string =>
      lines.filter((line) => line.kind === "same" || line.kind === kind)
        .map((line) => line.text).join("\n");
    assert.equal(side("removed"), a.join("\n"));
    assert.equal(side("added"), b.join("\n"));
  }));
});

Deno.test("texts too long to compare are told as replaced, and at once", () => {
  const many = (prefix: string): string =>
    Array.from({ length: 5_000 }, (_, at) => `${prefix}${at}`).join("\n");
  const lines = diffLines(`same\n${many("a")}`, `same\n${many("b")}`);
  assert.equal(lines.length, 10_001);
  assert.equal(lines[0]?.kind, "same");
});

Deno.test("what stays is left out but for the lines around a change", () => {
  const before = Array.from({ length: 20 }, (_, at) => String(at)).join("\n");
  const parts = withGaps(diffLines(before, before.replace("10", "x")), 1);
  assert.deepEqual(
    parts.map((part) => part.kind === "gap" ? `gap ${part.count}` : `${part.kind} ${part.text}`),
    ["gap 9", "same 9", "removed 10", "added x", "same 11", "gap 8"],
  );
});
