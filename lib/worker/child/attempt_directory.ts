/**
 * The directory that one attempt after another works in, emptied in between: to make and remove one
 * takes a file system such as ext4 most of a millisecond. Most tasks leave all of it alone, and it is
 * noticed at little cost that they have: whatever is done to a file or a directory sets the time of its
 * last change, and nobody can set that one back.
 */

/** For the task's own temporary files. */
const TEMP = "tmp";
const INPUTS = "inputs.json";
/** What is in the file of the inputs while nobody has any. */
const NO_INPUTS = "{}";
const OWN_DIRECTORY = 0o700;
const OWN_FILE = 0o600;
/** The times of changes come in whole seconds; what is so much older can't be of the same. */
const TELLABLE_MS = 1_100;

/** When what is in the directory has changed last, and when that was looked at. */
interface Stamp {
  readonly changes: readonly number[];
  /** By the clock that nobody sets, in milliseconds. */
  readonly at: number;
}

export class AttemptDirectory {
  /** All that a task may touch besides its workspace. */
  readonly path: string;
  readonly temp: string;
  readonly inputs: string;
  /** As it was when it had been emptied. */
  #stamp: Stamp | undefined;
  #begunAt = 0;

  /** Makes it. @throws Deno's errors */
  constructor(path: string) {
    this.path = path;
    this.temp = `${path}/${TEMP}`;
    this.inputs = `${path}/${INPUTS}`;
    Deno.mkdirSync(this.path, { mode: OWN_DIRECTORY });
    Deno.mkdirSync(this.temp, { mode: OWN_DIRECTORY });
    this.#prepare();
  }

  /** An attempt begins. @param inputs outputs by the id of the dependency */
  begin(inputs: Readonly<Record<string, unknown>>): void {
    this.#begunAt = performance.now();
    const text = JSON.stringify(inputs);
    if (text === NO_INPUTS) return;
    this.#stamp = undefined;
    Deno.writeTextFileSync(this.inputs, text);
  }

  /** Whether it is certain that all is as it was before the attempt. When nothing of that runs any more. */
  isUntouched(): boolean {
    const isTellable = this.#begunAt - (this.#stamp?.at ?? Infinity) >= TELLABLE_MS;
    return isTellable && this.#isUnchanged();
  }

  /** Empties it for the next attempt. @returns false when the task has made something else of it */
  empty(): boolean {
    try {
      if (!isAsMade(this.path) || !isAsMade(this.temp)) return false;
      // What is too young to be told by its times is looked at, and grows old.
      if (this.#isUnchanged() && this.#isEmpty()) return true;
      removeWithin(this.path, TEMP);
      removeWithin(this.temp);
      this.#prepare();
      return true;
    } catch {
      // It can't be undone.
      return false;
    }
  }

  #prepare(): void {
    Deno.writeTextFileSync(this.inputs, NO_INPUTS, { mode: OWN_FILE, createNew: true });
    this.#stamp = { changes: this.#changes(), at: performance.now() };
  }

  #isUnchanged(): boolean {
    try {
      return this.#changes().every((time, index) => time === this.#stamp?.changes[index]);
    } catch {
      // Something of it is gone.
      return false;
    }
  }

  #isEmpty(): boolean {
    const { isFile, mode, nlink } = Deno.lstatSync(this.inputs);
    return isFile && ((mode ?? 0) & 0o7777) === OWN_FILE && nlink === 1 &&
      Deno.readTextFileSync(this.inputs) === NO_INPUTS &&
      [...Deno.readDirSync(this.path)].length === 2 &&
      [...Deno.readDirSync(this.temp)].length === 0;
  }

  #changes(): number[] {
    return [this.path, this.temp, this.inputs].map((path) =>
      Deno.lstatSync(path).ctime?.getTime() ?? NaN
    );
  }
}

/** A task may have put something else in the directory's place, or opened it to others. */
function isAsMade(path: string): boolean {
  const { isDirectory, mode } = Deno.lstatSync(path);
  return isDirectory && ((mode ?? 0) & 0o7777) === OWN_DIRECTORY;
}

/** Removes what is in a directory, but for one name. */
function removeWithin(path: string, but?: string): void {
  for (const { name } of Deno.readDirSync(path)) {
    if (name !== but) Deno.removeSync(`${path}/${name}`, { recursive: true });
  }
}
