/** The files of one attempt, in a directory that is the task's own while it runs and empty afterwards. */
import type { Attempt } from "./attempt.ts";
import { AttemptDirectory } from "./attempt_directory.ts";

/** So many directories are kept: more attempts than that seldom run at once. */
const MOST_KEPT = 32;

/** Directories that no attempt is in, by the directory that they are in. */
const kept = new Map<string, AttemptDirectory[]>();
let made = 0;

export class AttemptFiles implements Disposable {
  /** Where the task may leave its outputs; nothing is there before it does. */
  readonly outputs: string;
  readonly #directory: AttemptDirectory;
  /** Where the directory is put afterwards; undefined: it isn't used again. */
  readonly #kept: AttemptDirectory[] | undefined;
  #isUntouched: boolean | undefined;

  /** Takes or makes a directory and writes the inputs. */
  constructor({ task, surroundings: { temp, launch } }: Attempt) {
    // What nothing holds may have left a process that goes on writing there.
    const isHeld = launch.groups !== null || task.walls === "bubblewrap";
    this.#kept = isHeld ? keptIn(temp) : undefined;
    this.#directory = this.#kept?.pop() ?? new AttemptDirectory(`${temp}/${++made}`);
    this.#directory.begin(task.inputs);
    this.outputs = `${this.#directory.path}/outputs`;
  }

  /** All that the task may touch besides its workspace. */
  get directory(): string {
    return this.#directory.path;
  }

  /** For the task's own temporary files. */
  get temp(): string {
    return this.#directory.temp;
  }

  /** JSON object of the inputs: outputs by the id of the dependency. */
  get inputs(): string {
    return this.#directory.inputs;
  }

  /** Whether the task, which has ended, has certainly left everything alone. */
  get isUntouched(): boolean {
    this.#isUntouched ??= this.#directory.isUntouched();
    return this.#isUntouched;
  }

  [Symbol.dispose](): void {
    const isKept = this.#kept !== undefined && this.#kept.length < MOST_KEPT &&
      // At once, however much it is: a task that fills the disk must not find it full next time.
      (this.isUntouched || this.#directory.empty());
    if (isKept) this.#kept?.push(this.#directory);
    else removeTree(this.#directory.path);
  }
}

function keptIn(temp: string): AttemptDirectory[] {
  const known = kept.get(temp);
  if (known !== undefined) return known;
  const directories: AttemptDirectory[] = [];
  kept.set(temp, directories);
  return directories;
}

function removeTree(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // Still written to by what escaped its end; the rest goes with the worker.
  }
}
