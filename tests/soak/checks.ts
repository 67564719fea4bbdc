/** What must hold after a soak. Each check gives the problems that it found. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { createHash } from "node:crypto";

/** Rows of the node's database, while it is stopped. */
function query<T>(dir: string, sql: string): T[] {
  const db = new DatabaseSync(join(dir, "cis.db"), { readOnly: true });
  try {
    return db.prepare(sql).all() as T[];
  } finally {
    db.close();
  }
}

/** Runs that were answered and are lost, or have not completed. */
export function lostRuns(dir: string, told: ReadonlySet<string>): string[] {
  const rows = query<{ run_id: string; status: string; error: string | null }>(
    dir,
    "SELECT run_id, status, error FROM dag_runs",
  );
  const known = new Set(rows.map(({ run_id }) => run_id));
  return [
    ...[...told].filter((run) => !known.has(run)).map((run) => `${run} was confirmed and is lost`),
    ...rows.filter(({ status }) => status !== "completed")
      .map(({ run_id, status, error }) => `${run_id} is ${status}: ${error}`),
  ];
}

/** Attempts that were carried out twice, or count without having been carried out. */
export function wrongCounts(dir: string): string[] {
  const completed = new Set(
    query<{ key: string }>(
      dir,
      `SELECT run_id || ' ' || task_id || ' ' || a.attempt AS key
       FROM task_attempts a JOIN task_runs USING (run_id, task_index)
       WHERE a.status = 'completed' AND task_id IN ('a', 'b', 'e')`,
    ).map(({ key }) => key),
  );
  const marks = marksIn(join(dir, "workspaces"));
  const once = new Set(marks);
  const twice = query<{ run_id: string; task_id: string }>(
    dir,
    `SELECT run_id, task_id FROM events WHERE type = 'task.completed'
     GROUP BY run_id, task_id HAVING count(*) <> 1`,
  );
  return [
    ...(marks.length === once.size ? [] : ["an attempt was carried out twice"]),
    ...[...completed].filter((key) => !once.has(key)).map((key) =>
      `${key} counts, but was not done`
    ),
    ...twice.map(({ run_id, task_id }) => `${run_id} ${task_id} was told as completed twice`),
  ];
}

function marksIn(workspaces: string): string[] {
  return [...Deno.readDirSync(workspaces)].flatMap(({ name }) => {
    try {
      return Deno.readTextFileSync(join(workspaces, name, "marks")).trim().split("\n");
    } catch {
      // A workspace in which no shell task ran.
      return [];
    }
  });
}

/** Rows that don't fit each other. */
export function unsoundRows(dir: string): string[] {
  const [integrity] = query<{ integrity_check: string }>(dir, "PRAGMA integrity_check");
  const orphans = query(dir, "PRAGMA foreign_key_check");
  return [
    ...(integrity?.integrity_check === "ok" ? [] : [`integrity: ${integrity?.integrity_check}`]),
    ...(orphans.length === 0 ? [] : [`${orphans.length} rows point at nothing`]),
  ];
}

/** Processes, control groups, files and locks that are still there. */
export function leftBehind(dir: string): string[] {
  return [...processesOf(dir), ...groupsOf(dir), ...filesOf(dir)];
}

/** Processes that work in the data directory or have it among their arguments. */
function processesOf(dir: string): string[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name))
    .flatMap(({ name }) => {
      try {
        const command = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
        const place = Deno.readLinkSync(`/proc/${name}/cwd`);
        const isOurs = Number(name) !== Deno.pid &&
          (command.includes(dir) || place.startsWith(dir));
        return isOurs ? [`process ${name} in ${place}: ${command.slice(0, 200)}`] : [];
      } catch {
        // It has ended meanwhile, or belongs to the kernel.
        return [];
      }
    });
}

function groupsOf(dir: string): string[] {
  const name = `cis-${createHash("sha256").update(dir).digest("hex").slice(0, 12)}`;
  return findDirectories("/sys/fs/cgroup", { name, depth: 5 }).map((path) =>
    `control group ${path}`
  );
}

function findDirectories(
  at: string,
  { name, depth }: { name: string; depth: number },
): string[] {
  try {
    return [...Deno.readDirSync(at)].filter((entry) => entry.isDirectory).flatMap((entry) => {
      const path = join(at, entry.name);
      if (entry.name === name) return [path];
      return depth === 0 ? [] : findDirectories(path, { name, depth: depth - 1 });
    });
  } catch {
    // Not on this system, or gone meanwhile.
    return [];
  }
}

/** What a stopped node must not leave: temporary files, its address, its socket's listener. */
function filesOf(dir: string): string[] {
  const left = [...below(join(dir, "tmp"))].map((path) => `${path} is still there`);
  return exists(join(dir, "node.url")) ? [...left, "node.url"] : left;
}

function* below(path: string): Generator<string> {
  if (!exists(path)) return;
  for (const entry of Deno.readDirSync(path)) {
    const child = join(path, entry.name);
    if (entry.isDirectory) yield* below(child);
    yield child;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
