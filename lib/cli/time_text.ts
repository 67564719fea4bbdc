/** Times and durations in the words of people. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time: `340 ms`, `4.2 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
export function durationText(ms: number): string {
  const length = Math.max(0, Math.round(ms));
  if (length < 1_000) return `${length} ms`;
  if (length < 10_000) return `${(Math.floor(length / 100) / 10).toFixed(1)} s`;
  if (length < MINUTE) return `${Math.floor(length / 1_000)} s`;
  if (length < HOUR) return two(length, MINUTE, "min", 1_000, "s");
  if (length < DAY) return two(length, HOUR, "h", MINUTE, "min");
  return two(length, DAY, "d", HOUR, "h");
}

/** How long ago, or how soon: `just now`, `3 min ago`, `in 5 h`. */
export function agoText(time: string, now: number): string {
  const distance = now - Date.parse(time);
  const length = Math.abs(distance);
  if (length < 1_000) return "just now";
  const text = largestUnit(length);
  return distance > 0 ? `${text} ago` : `in ${text}`;
}

/** A time as a line of a log shows it, in UTC: `12:03:59`. */
export function clockText(time: string): string {
  return new Date(time).toISOString().slice(11, 19);
}

/** A moment in UTC: `2026-01-31 12:03:59Z`. */
export function momentText(time: string): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ") + "Z";
}

function two(ms: number, large: number, largeName: string, small: number, name: string): string {
  const rest = Math.floor((ms % large) / small);
  const first = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? first : `${first} ${String(rest).padStart(2, "0")} ${name}`;
}

function largestUnit(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / 1_000)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}
