import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { nextTimes, timesBetween } from "../../lib/schema/schedule_times.ts";

/** The times within a span, as ISO minutes, asked for one after the other as the service does. */
function due(cron: string, timezone: string, [from, to]: [string, string]): string[] {
  const found: string[] = [];
  let at = Date.parse(from) - 1;
  for (;;) {
    const [next] = nextTimes({ cron, timezone }, at, 1);
    if (next === undefined || next > Date.parse(to)) return found;
    found.push(new Date(next).toISOString().slice(0, 16));
    at = next;
  }
}

const BERLIN = "Europe/Berlin";
const NEW_YORK = "America/New_York";
/** Around the days on which the clocks change. */
const BERLIN_SPRING: [string, string] = ["2026-03-28T12:00Z", "2026-03-30T12:00Z"];
const BERLIN_AUTUMN: [string, string] = ["2026-10-24T12:00Z", "2026-10-26T12:00Z"];
const NEW_YORK_SPRING: [string, string] = ["2026-03-07T12:00Z", "2026-03-09T12:00Z"];
const NEW_YORK_AUTUMN: [string, string] = ["2026-10-31T12:00Z", "2026-11-02T12:00Z"];

Deno.test("a time that the clock skips is due at the end of the gap, once", () => {
  deepStrictEqual(due("30 2 * * *", BERLIN, BERLIN_SPRING), [
    "2026-03-29T01:00",
    "2026-03-30T00:30",
  ]);
  deepStrictEqual(due("30 2 * * *", NEW_YORK, NEW_YORK_SPRING), [
    "2026-03-08T07:00",
    "2026-03-09T06:30",
  ]);
});

Deno.test("of several minutes of an hour that the clock skips, none is due that day", () => {
  deepStrictEqual(due("0,30 2 * * *", BERLIN, BERLIN_SPRING), [
    "2026-03-30T00:00",
    "2026-03-30T00:30",
  ]);
});

Deno.test("a time that the clock shows twice is due the first time only", () => {
  deepStrictEqual(due("30 2 * * *", BERLIN, BERLIN_AUTUMN), [
    "2026-10-25T00:30",
    "2026-10-26T01:30",
  ]);
  deepStrictEqual(due("0,30 2 * * *", BERLIN, BERLIN_AUTUMN), [
    "2026-10-25T00:00",
    "2026-10-25T00:30",
    "2026-10-26T01:00",
    "2026-10-26T01:30",
  ]);
  deepStrictEqual(due("*/30 1 * * *", NEW_YORK, NEW_YORK_AUTUMN), [
    "2026-11-01T05:00",
    "2026-11-01T05:30",
    "2026-11-02T06:00",
    "2026-11-02T06:30",
  ]);
});

Deno.test("every hour goes on by elapsed time over both changes", () => {
  for (
    const [timezone, span] of [
      [BERLIN, BERLIN_SPRING],
      [BERLIN, BERLIN_AUTUMN],
      [NEW_YORK, NEW_YORK_SPRING],
      [NEW_YORK, NEW_YORK_AUTUMN],
    ] as const
  ) {
    const times = due("0 * * * *", timezone, span);
    strictEqual(times.length, 49, `${timezone} from ${span[0]}: ${times}`);
    strictEqual(new Set(times).size, 49);
  }
});

Deno.test("daily schedules are due once a calendar day, whatever the clock does", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      fc.constantFrom(BERLIN, NEW_YORK, "Australia/Lord_Howe", "UTC"),
      fc.integer({ min: 2024, max: 2028 }),
      (hour, minute, timezone, year) => {
        const times = { cron: `${minute} ${hour} * * *`, timezone };
        const day = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" });
        const found = nextTimes(times, Date.UTC(year, 0, 2, 12), 360);
        const days = found.map((at) => day.format(at));
        strictEqual(new Set(days).size, 360, "a day came twice");
        for (const [index, at] of found.entries()) {
          const gap = at - (found[index - 1] ?? at - 86_400_000);
          ok(gap <= 25 * 3_600_000 && gap >= 22.4 * 3_600_000, `a day was left out: ${gap}`);
        }
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("looking back finds what looking ahead finds", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("30 2 * * *", "*/20 1,2 * * *", "0 * * * *", "15 3 * * 0", "30 0 2 * * *"),
      fc.constantFrom(BERLIN, NEW_YORK, "Australia/Lord_Howe"),
      fc.integer({ min: 0, max: 364 }),
      fc.integer({ min: 1, max: 40 }),
      (cron, timezone, start, count) => {
        const times = { cron, timezone };
        const ahead = nextTimes(times, Date.UTC(2026, 0, 1 + start), count);
        const span = { from: ahead[0] ?? 0, to: ahead.at(-1) ?? 0 };
        deepStrictEqual(timesBetween(times, { ...span, limit: count }), {
          times: ahead,
          more: false,
        });
        const few = timesBetween(times, { ...span, limit: count - 1 });
        deepStrictEqual(few.times, ahead.slice(1));
        strictEqual(few.more, true);
      },
    ),
    { numRuns: 200 },
  );
});
