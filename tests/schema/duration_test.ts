import assert from "node:assert/strict";
import fc from "fast-check";
import { Duration, durationMs, formatDuration, parseDuration } from "../../lib/schema/duration.ts";

Deno.test("parseDuration reads every unit, seconds without one, and fractions", () => {
  const cases: [string | number, number][] = [
    ["250ms", 250],
    ["5s", 5_000],
    ["10m", 600_000],
    ["1h", 3_600_000],
    ["1.5h", 5_400_000],
    ["2d", 172_800_000],
    [" 5 s ", 5_000],
    ["300", 300_000],
    [90, 90_000],
    [0.25, 250],
    [1.1, 1_100],
    [0, 0],
  ];
  for (const [value, ms] of cases) assert.equal(parseDuration(value), ms, String(value));
});

Deno.test("parseDuration refuses what is not a duration", () => {
  const texts = [
    "",
    "s",
    "-1s",
    "1w",
    "5M",
    "1h30m",
    "1e3",
    "1.s",
    ".5s",
    "five",
    "5ss",
    "Infinity",
  ];
  const numbers = [-1, NaN, Infinity, 1e300];
  for (const value of [...texts, ...numbers]) {
    assert.equal(parseDuration(value), undefined, String(value));
  }
});

Deno.test("formatDuration takes the largest unit that divides exactly", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [1, "1ms"],
    [1_500, "1500ms"],
    [90_000, "90s"],
    [60_000, "1m"],
    [5_400_000, "90m"],
    [86_400_000, "1d"],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

Deno.test("formatDuration and parseDuration are inverse", () => {
  fc.assert(fc.property(fc.nat({ max: 2 ** 40 }), (ms) => {
    assert.equal(parseDuration(formatDuration(ms)), ms);
    assert.equal(durationMs(formatDuration(ms)), ms);
  }));
});

Deno.test("parseDuration never throws", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.double()), (value) => {
    const ms = parseDuration(value);
    assert.ok(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0));
  }));
});

Deno.test("durationMs names what it cannot read", () => {
  assert.throws(() => durationMs("soon"), { name: "RangeError", message: /"soon"/ });
});

Deno.test("Duration comes out canonical and is stable", () => {
  for (const value of [300, "300", "5m", "300s", "300000ms", "0.08333333333333333h"]) {
    assert.equal(Duration.parse(value), "5m");
  }
  assert.equal(Duration.parse(Duration.parse("1.5h")), "90m");
  for (const bad of ["x", true, null, {}, "367d"]) assert.ok(!Duration.safeParse(bad).success);
});
