/** Times and spans in the words of a page. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Units from large to small, each with its length in milliseconds. */
const UNITS = [["d", DAY], ["h", HOUR], ["min", MINUTE], ["s", SECOND]] as const;

/** A span in its two largest units: `340 ms`, `12 s`, `4 min 12 s`, `2 h 10 min`. */
export function spanText(ms: number): string {
  const length = Math.max(0, Math.round(ms));
  if (length < SECOND) return `${length} ms`;
  const first = UNITS.findIndex(([, unit]) => length >= unit);
  let rest = length;
  const parts: string[] = [];
  for (const [name, unit] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}

/**
 * How long ago, or how soon: `just now`, `3 min ago`, `in 5 h`.
 * @param time ISO 8601
 * @param now epoch milliseconds
 */
export function agoText(time: string, now: number): string {
  const distance = now - Date.parse(time);
  const length = Math.abs(distance);
  const found = UNITS.find(([, unit]) => length >= unit);
  if (found === undefined) return "just now";
  const [name, unit] = found;
  const text = `${Math.floor(length / unit)} ${name}`;
  return distance > 0 ? `${text} ago` : `in ${text}`;
}
