/** The files of one attempt, in a directory that is the task's own and gone afterwards. */
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

  /** Makes the directories and writes the inputs. */
  constructor({ task, surroundings: { temp } }: Attempt) {
    this.directory = `${temp}/${++attempts}`;
    this.temp = `${this.directory}/tmp`;
    this.outputs = `${this.directory}/outputs`;
    this.inputs = `${this.directory}/inputs.json`;
    Deno.mkdirSync(this.directory, { mode: 0o700 });
    Deno.mkdirSync(this.temp, { mode: 0o700 });
    Deno.writeTextFileSync(this.inputs, JSON.stringify(task.inputs), { mode: 0o600 });
  }

  [Symbol.dispose](): void {
    // At once, however much it is: a task that fills the disk must not find it full next time.
    removeTree(this.directory);
  }
}

function removeTree(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // Still written to by what escaped its end; the rest goes with the worker.
  }
}
