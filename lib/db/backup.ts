/** A copy of the database, made while it is written to, and looked at before it counts as one. */
import { backup, DatabaseSync } from "node:sqlite";

/** What a copy holds. */
export interface CheckedCopy {
  /** Number of the last migration in it. */
  readonly schema: number;
  readonly bytes: number;
}

/** What a copy is called until it is whole. */
const UNFINISHED = ".part";

/** Pages that are copied in one go; between, others are served. */
const PAGES = 500;

/**
 * Copies an open database into a file that nobody else can read.
 * @throws {Error} when there is such a file already, or the copy isn't sound; nothing is left then
 */
export async function copyDatabase(source: DatabaseSync, path: string): Promise<CheckedCopy> {
  const fresh = `${path}${UNFINISHED}`;
  try {
    Deno.writeTextFileSync(fresh, "", { createNew: true, mode: 0o600 });
    await backup(source, fresh, { rate: PAGES });
    const checked = checkCopy(fresh);
    // Unlike a rename, a link doesn't take the place of a file that is there.
    Deno.linkSync(fresh, path);
    return checked;
  } finally {
    for (const end of ["", "-wal", "-shm", "-journal"]) removeIfThere(fresh + end);
  }
}

/** Removes what somebody who was killed while copying has left in a directory, if it is there. */
export function removeUnfinishedCopies(directory: string): void {
  let names: string[];
  try {
    names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch {
    return;
  }
  const isLeft = new RegExp(`\\.db\\${UNFINISHED}(-wal|-shm|-journal)?$`);
  for (const name of names) if (isLeft.test(name)) removeIfThere(`${directory}/${name}`);
}

/** Looks through a copy. @throws {Error} when it isn't sound */
export function checkCopy(path: string): CheckedCopy {
  const copy = new DatabaseSync(path);
  try {
    // So that the copy is one file, also after somebody has looked into it.
    copy.exec("PRAGMA journal_mode = DELETE");
    const problems = copy.prepare("PRAGMA integrity_check(5)").all()
      .map((row) => String(row["integrity_check"])).filter((text) => text !== "ok");
    if (problems.length > 0) throw new Error(`the copy is damaged: ${problems.join("; ")}`);
    const version = copy.prepare("PRAGMA user_version").get();
    return { schema: Number(version?.["user_version"]), bytes: Deno.statSync(path).size };
  } finally {
    copy.close();
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Usually it is not there.
  }
}
