/**
 * The files of one attempt, in a directory of its own that is gone afterwards. All in it is the
 * task's to read and write; what the worker keeps to itself is beside it.
 */
import type { Attempt } from "./attempt.ts";

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
  /** Where the launcher writes what was used; not the task's. */
  readonly usage: string;

  /** Makes the directories and writes the inputs. */
  constructor({ task, surroundings: { temp } }: Attempt) {
    this.directory = `${temp}/${++attempts}`;
    this.temp = `${this.directory}/tmp`;
    this.outputs = `${this.directory}/outputs`;
    this.inputs = `${this.directory}/inputs.json`;
    this.usage = `${this.directory}.usage`;
    Deno.mkdirSync(this.directory, { mode: 0o700 });
    Deno.mkdirSync(this.temp, { mode: 0o700 });
    Deno.writeTextFileSync(this.inputs, JSON.stringify(task.inputs), { mode: 0o600 });
  }

  [Symbol.dispose](): void {
    remove(this.usage);
    // At once, however much it is: a task that fills the disk must not find it full next time.
    removeTree(this.directory);
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Never made.
  }
}

function removeTree(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // Still written to by what escaped its end; the rest goes with the worker.
  }
}
