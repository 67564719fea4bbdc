/** The files of one attempt, in a directory that is the task's own and gone afterwards. */
import type { Attempt } from "./attempt.ts";

const TEMP = "tmp";
const INPUTS = "inputs.json";

let attempts = 0;

export class AttemptFiles implements Disposable {
  /** All that the task may touch besides its workspace. */
  readonly directory: string;
  /** For the task's own temporary files. */
  readonly temp: string;
  /** Where the task may leave its outputs; nothing is there before it does. */
  readonly outputs: string;
  /** JSON object of the inputs: outputs by the id of the dependency. */
  readonly inputs: string;
  readonly #emptied: EmptiedDirectories | undefined;

  /** Makes the directories and writes the inputs. */
  constructor({ task, surroundings: { temp, launch } }: Attempt) {
    this.directory = `${temp}/${++attempts}`;
    this.temp = `${this.directory}/${TEMP}`;
    this.outputs = `${this.directory}/outputs`;
    this.inputs = `${this.directory}/${INPUTS}`;
    // What nothing holds may have left a process that goes on writing there.
    const isHeld = launch.groups !== null || task.walls === "bubblewrap";
    this.#emptied = isHeld ? emptiedBelow(temp) : undefined;
    if (this.#emptied?.handOut(this.directory) !== true) {
      Deno.mkdirSync(this.directory, { mode: 0o700 });
      Deno.mkdirSync(this.temp, { mode: 0o700 });
    }
    const options = { mode: 0o600, createNew: true };
    Deno.writeTextFileSync(this.inputs, JSON.stringify(task.inputs), options);
  }

  [Symbol.dispose](): void {
    // At once, however much it is: a task that fills the disk must not find it full next time.
    if (this.#emptied?.takeBack(this.directory) !== true) removeTree(this.directory);
  }
}

/** So many are kept: more attempts than that seldom run at once. */
const MOST_KEPT = 16;

/**
 * Directories of attempts that have ended, emptied and under another name, for attempts to come: to
 * remove one takes a file system such as ext4 most of a millisecond, and to rename it next to nothing.
 */
class EmptiedDirectories {
  readonly #paths: string[] = [];
  readonly #parent: string;
  #count = 0;

  constructor(parent: string) {
    this.#parent = parent;
  }

  /** Gives a directory with an empty one for temporary files its name. @returns whether there was one */
  handOut(as: string): boolean {
    const path = this.#paths.pop();
    if (path === undefined) return false;
    try {
      Deno.renameSync(path, as);
      return true;
    } catch {
      // Somebody else has removed it.
      return false;
    }
  }

  /** Empties a directory and keeps it. @returns false when it has to be removed instead */
  takeBack(path: string): boolean {
    if (this.#paths.length === MOST_KEPT) return false;
    const emptied = `${this.#parent}/emptied-${++this.#count}`;
    try {
      if (!isAsMade(path) || !isAsMade(`${path}/${TEMP}`)) return false;
      empty(path, TEMP);
      empty(`${path}/${TEMP}`);
      Deno.renameSync(path, emptied);
    } catch {
      // The task has made something of it that can't be undone.
      return false;
    }
    this.#paths.push(emptied);
    return true;
  }
}

const pools = new Map<string, EmptiedDirectories>();

function emptiedBelow(parent: string): EmptiedDirectories {
  const known = pools.get(parent);
  if (known !== undefined) return known;
  const pool = new EmptiedDirectories(parent);
  pools.set(parent, pool);
  return pool;
}

/** A task may have put something else in the directory's place, or opened it to others. */
function isAsMade(path: string): boolean {
  const { isDirectory, mode } = Deno.lstatSync(path);
  return isDirectory && ((mode ?? 0) & 0o7777) === 0o700;
}

/** Removes what is in a directory, but for one name. */
function empty(path: string, but?: string): void {
  for (const { name } of Deno.readDirSync(path)) {
    if (name !== but) Deno.removeSync(`${path}/${name}`, { recursive: true });
  }
}

function removeTree(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // Still written to by what escaped its end; the rest goes with the worker.
  }
}
