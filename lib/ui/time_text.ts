/** Times and spans in the words of a page. */
import { EN, type Words } from "./words/en.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Units from large to small, each with its length in milliseconds. */
const UNITS = [["day", DAY], ["hour", HOUR], ["minute", MINUTE], ["second", SECOND]] as const;

/** A span in its two largest units: `340 ms`, `12 s`, `4 min 12 s`, `2 h 10 min`. */
export function spanText(ms: number, words: Words["time"] = EN.time): string {
  const length = Math.max(0, Math.round(ms));
  if (length < SECOND) return `${length} ${words.millisecond}`;
  const first = UNITS.findIndex(([, unit]) => length >= unit);
  let rest = length;
  const parts: string[] = [];
  for (const [name, unit] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) parts.push(`${count} ${words[name]}`);
  }
  return parts.join(" ");
}

/**
 * How long ago, or how soon: `just now`, `3 min ago`, `in 5 h`.
 * @param time ISO 8601
 * @param now epoch milliseconds
 */
export function agoText(time: string, now: number, words: Words["time"] = EN.time): string {
  const distance = now - Date.parse(time);
  const length = Math.abs(distance);
  const found = UNITS.find(([, unit]) => length >= unit);
  if (found === undefined) return words.justNow;
  const [name, unit] = found;
  const span = `${Math.floor(length / unit)} ${words[name]}`;
  return distance > 0 ? words.ago(span) : words.soon(span);
}
