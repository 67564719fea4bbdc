/** The secrets that a worker has: what its tasks may declare, and what is masked. */
import { TaskError } from "./attempt.ts";
import { Mask } from "./mask.ts";

/** Values that were replaced or removed and are masked still: tasks that run may have them. */
const KEPT_FORMER = 64;

export class SecretValues {
  #values: Readonly<Record<string, string>> = {};
  #former: string[] = [];
  #mask = new Mask([]);

  /** @param values by name */
  constructor(values: Readonly<Record<string, string>>) {
    this.replace(values);
  }

  /** Blots out every secret that the worker has or had. */
  get mask(): Mask {
    return this.#mask;
  }

  /** Takes what there is from now on. */
  replace(values: Readonly<Record<string, string>>): void {
    const before = Object.values(this.#values);
    const now = Object.values(values);
    const former = [...this.#former, ...before].filter((value) => !now.includes(value));
    this.#former = [...new Set(former)].slice(-KEPT_FORMER);
    this.#values = { ...values };
    this.#mask = new Mask([...now, ...this.#former]);
  }

  /** The values of some names. @throws {TaskError} `unknown_secret` naming those that aren't there */
  pick(names: readonly string[]): Record<string, string> {
    const missing = names.filter((name) => !Object.hasOwn(this.#values, name));
    if (missing.length > 0) throw unknown(missing);
    return Object.fromEntries(names.map((name) => [name, this.#values[name] ?? ""]));
  }
}

function unknown(names: readonly string[]): TaskError {
  const list = names.map((name) => `"${name}"`).join(", ");
  return new TaskError(
    "unknown_secret",
    `the task declares the secret${
      names.length > 1 ? "s" : ""
    } ${list}, which this scope doesn't ` +
      `have: set with "deno task secret set ${names[0]}", then retry the run`,
  );
}
