import assert from "node:assert/strict";
import { agoText, spanText } from "../../lib/ui/time_text.ts";

Deno.test("a span has its two largest units", () => {
  const expected: [number, string][] = [
    [-5, "0 ms"],
    [340, "340 ms"],
    [12_900, "12 s"],
    [252_000, "4 min 12 s"],
    [300_000, "5 min"],
    [7_800_000, "2 h 10 min"],
    [86_400_000 + 59_000, "1 d"],
  ];
  for (const [ms, text] of expected) assert.equal(spanText(ms), text);
});

Deno.test("a moment is before or after now", () => {
  const now = Date.parse("2026-01-02T03:04:05Z");
  const at = (offset: number): string => agoText(new Date(now + offset).toISOString(), now);
  assert.equal(at(-500), "just now");
  assert.equal(at(-185_000), "3 min ago");
  assert.equal(at(5 * 3_600_000), "in 5 h");
});
