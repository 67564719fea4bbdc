/** Names further apart than this are not taken for slips of the pen. */
const MAX_DISTANCE = 2;

/** What people write from habit with other tools, and what it is called here. */
const HABITS = new Map<string, string>(Object.entries({
  after: "depends_on",
  cmd: "command",
  concurrency: "max_parallel",
  cron: "schedule",
  depend: "depends_on",
  depends: "depends_on",
  dir: "cwd",
  environment: "env",
  id: "dag_id",
  jobs: "tasks",
  needs: "depends_on",
  nodes: "tasks",
  requires: "depends_on",
  retries: "retry",
  run: "command",
  steps: "tasks",
  title: "name",
  upstream: "depends_on",
  work_dir: "cwd",
  workdir: "cwd",
  working_dir: "cwd",
  working_directory: "cwd",
}));

/**
 * The name that was probably meant: the same word in another style, a word from another
 * tool, or the nearest one by spelling.
 *
 * @returns undefined when nothing is near
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const names = new Set(known);
  const folded = snakeCase(name);
  for (const candidate of [folded, HABITS.get(folded)]) {
    if (candidate !== undefined && names.has(candidate)) return candidate;
  }
  let nearest: string | undefined;
  let least = Math.min(MAX_DISTANCE, Math.floor(name.length / 2)) + 1;
  for (const candidate of names) {
    const distance = boundedDistance(folded, candidate.toLowerCase(), least);
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** A sentence to end a message with, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : `; did you mean "${nearest}"?`;
}

/** `dependsOn`, `DependsOn`, `depends-on` and `DEPENDS_ON` are all `depends_on`. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll("-", "_").toLowerCase();
}

/** Levenshtein's distance, or `limit` as soon as it cannot be less. */
function boundedDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? limit) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? limit) + 1, (next[j] ?? limit) + 1));
    }
    if (Math.min(...next) >= limit) return limit;
    row = next;
  }
  return Math.min(row[b.length] ?? limit, limit);
}
