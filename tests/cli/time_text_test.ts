import assert from "node:assert/strict";
import { agoText, clockText, durationText, momentText } from "../../lib/cli/time_text.ts";

Deno.test("a duration is told in the units that matter", () => {
  for (
    const [ms, text] of [
      [-5, "0 ms"],
      [340, "340 ms"],
      [4_250, "4.2 s"],
      [9_999, "9.9 s"],
      [59_999, "59 s"],
      [60_000, "1 min"],
      [185_000, "3 min 05 s"],
      [2 * 3_600_000 + 600_000, "2 h 10 min"],
      [3 * 86_400_000 + 4 * 3_600_000, "3 d 04 h"],
    ] as const
  ) assert.equal(durationText(ms), text);
});

Deno.test("distances in time look back and ahead", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  assert.equal(agoText("2026-03-01T11:59:59.500Z", now), "just now");
  assert.equal(agoText("2026-03-01T11:59:18Z", now), "42 s ago");
  assert.equal(agoText("2026-03-01T11:00:01Z", now), "59 min ago");
  assert.equal(agoText("2026-02-27T12:00:00Z", now), "2 d ago");
  assert.equal(agoText("2026-03-01T17:00:00Z", now), "in 5 h");
});

Deno.test("moments are in UTC and say so", () => {
  assert.equal(momentText("2026-03-01T13:00:05.123+01:00"), "2026-03-01 12:00:05Z");
  assert.equal(clockText("2026-03-01T12:03:59.999Z"), "12:03:59");
});
