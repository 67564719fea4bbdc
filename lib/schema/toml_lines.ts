/** In which line of a TOML text each key is; its parser doesn't tell. Pure. */
import { formatPath } from "./spec_problem.ts";

const HEADER = /^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/;
const KEY = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=\s*(.*)$/;

/** The line of each table and key, from 1, by paths such as `tasks[3].command`. */
export function tomlLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let table: PropertyKey[] = [];
  let open: string | undefined;
  const note = (path: readonly PropertyKey[], line: number): void => {
    const name = formatPath(path);
    if (!lines.has(name)) lines.set(name, line);
  };
  text.split("\n").forEach((content, at) => {
    // Within a text of several lines nothing is a key.
    if (open !== undefined) {
      if (content.includes(open)) open = undefined;
      return;
    }
    const [, brackets, header] = HEADER.exec(content) ?? [];
    if (header !== undefined) {
      table = placeOf(stepsOf(header), counts, brackets === "[[");
      note(table, at + 1);
      return;
    }
    const [, key, value = ""] = KEY.exec(content) ?? [];
    if (key === undefined) return;
    note([...table, ...stepsOf(key)], at + 1);
    const quotes = /^("""|''')/.exec(value)?.[1];
    if (quotes !== undefined && !value.slice(3).includes(quotes)) open = quotes;
  });
  return lines;
}

/** Where a header leads: into the last entry of each list on the way. */
function placeOf(
  steps: readonly string[],
  counts: Map<string, number>,
  isEntry: boolean,
): PropertyKey[] {
  const place: PropertyKey[] = [];
  steps.forEach((step, at) => {
    place.push(step);
    const name = formatPath(place);
    const count = counts.get(name);
    if (isEntry && at === steps.length - 1) {
      counts.set(name, (count ?? 0) + 1);
      place.push(count ?? 0);
    } else if (count !== undefined) place.push(count - 1);
  });
  return place;
}

function stepsOf(key: string): string[] {
  return [...key.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(([, double, single, bare]) =>
    double ?? single ?? bare ?? ""
  );
}
