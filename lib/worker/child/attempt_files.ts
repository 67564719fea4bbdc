/** The files of one attempt: a temporary directory of its own, inputs, outputs. Gone afterwards. */
import type { Attempt } from "./attempt.ts";

let attempts = 0;

export class AttemptFiles implements Disposable {
  /** The attempt's own temporary directory. */
  readonly directory: string;
  /** Where the task may leave its outputs; nothing is there before it does. */
  readonly outputs: string;
  /** JSON object of the inputs: outputs by the id of the dependency. */
  readonly inputs: string;
  #extra: string[] = [];

  /** Makes the directory and writes the inputs, where there are any. */
  constructor({ task, surroundings: { temp } }: Attempt) {
    this.directory = `${temp}/${++attempts}`;
    this.outputs = `${this.directory}.outputs`;
    Deno.mkdirSync(this.directory, { mode: 0o700 });
    if (Object.keys(task.inputs).length === 0) this.inputs = noInputs(temp);
    else this.inputs = this.write("inputs.json", JSON.stringify(task.inputs));
  }

  /** Writes a file beside the directory. @returns its path */
  write(suffix: string, text: string): string {
    const path = `${this.directory}.${suffix}`;
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
    this.#extra.push(path);
    return path;
  }

  [Symbol.dispose](): void {
    for (const path of [this.outputs, ...this.#extra]) remove(path);
    removeDirectory(this.directory);
  }
}

let emptyInputs: string | undefined;

/** One file for all attempts without inputs, so that the variable always names one. */
function noInputs(temp: string): string {
  if (emptyInputs === undefined) {
    emptyInputs = `${temp}/no-inputs.json`;
    Deno.writeTextFileSync(emptyInputs, "{}");
  }
  return emptyInputs;
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Never made, or removed by the task.
  }
}

/** Empty ones at once; what a task has filled in the background, however much it is. */
function removeDirectory(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    Deno.remove(path, { recursive: true }).catch(() => {
      // Removed by the task, or still written to; the rest goes with the worker.
    });
  }
}
