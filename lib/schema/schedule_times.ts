/**
 * The moments at which a schedule is due. Where the clock is set forward, a single time that doesn't
 * exist is due at the end of the gap; of a list or pattern, the times that don't exist are left out.
 * Where it is set back, a time of a fixed hour is due when the clock shows it first; a schedule for
 * every hour (`*` in that field) goes on by elapsed time. Pure.
 * @module
 */
import { Cron } from "croner";
import type { Schedule } from "./schedule.ts";

/** What decides about the times. */
export type Times = Pick<Schedule, "cron" | "timezone">;

/** How far a clock is set back at most, in milliseconds; it is one hour but for a few islands. */
const LONGEST_SHIFT_MS = 2 * 60 * 60_000;
/** Changes of clocks come in steps of this, in milliseconds. */
const SHIFT_STEP_MS = 30 * 60_000;

/** The first moments after `after`, in epoch milliseconds; fewer where the schedule ends. */
export function nextTimes(times: Times, after: number, count: number): number[] {
  const cron = cronOf(times);
  const found: number[] = [];
  let at: Date | null = new Date(after);
  while (found.length < count) {
    at = cron.nextRun(at);
    if (at === null) break;
    if (isDue(times, at.getTime())) found.push(at.getTime());
  }
  return found;
}

/** The moments from `from` to `to`, both included, oldest first. `more`: earlier ones were left out. */
export function timesBetween(
  times: Times,
  { from, to, limit }: { from: number; to: number; limit: number },
): { times: number[]; more: boolean } {
  const cron = cronOf(times);
  const found: number[] = [];
  // Croner looks strictly before a moment and forgets what is below a second.
  let at = new Date(to + 1_000);
  while (found.length <= limit) {
    const before: Date | undefined = cron.previousRuns(1, at)[0];
    if (before === undefined || before.getTime() < from) break;
    at = before;
    if (before.getTime() <= to && isDue(times, before.getTime())) found.push(before.getTime());
  }
  return { times: found.slice(0, limit).reverse(), more: found.length > limit };
}

function cronOf({ cron, timezone }: Times): Cron {
  // Paused and without a function: only asked for times.
  return new Cron(cron, { paused: true, mode: "5-or-6-parts", timezone });
}

function isDue(times: Times, at: number): boolean {
  return goesByElapsedTime(times.cron) || !isRepeated(at, times.timezone);
}

/** Whether every hour is meant, so that an hour that comes twice counts twice. */
function goesByElapsedTime(cron: string): boolean {
  const fields = cron.split(" ");
  if (fields.length === 1) return cron.toLowerCase() === "@hourly";
  return /^[*?]/.test(fields[fields.length === 6 ? 2 : 1] ?? "");
}

/** Whether the clock has shown this very time before, because it was set back since. */
function isRepeated(at: number, timezone: string): boolean {
  const shown = clockOf(timezone);
  const now = shown.format(at);
  for (let back = SHIFT_STEP_MS; back <= LONGEST_SHIFT_MS; back += SHIFT_STEP_MS) {
    if (shown.format(at - back) === now) return true;
  }
  return false;
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

/** What a clock of that zone shows, date and time without the zone's offset. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = CLOCKS.get(timeZone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en", {
      timeZone,
      dateStyle: "short",
      timeStyle: "medium",
      hourCycle: "h23",
    });
    CLOCKS.set(timeZone, clock);
  }
  return clock;
}
