/** The secrets that a worker has: what its tasks may declare, and what is masked. */
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

  /** The value of a name; undefined where there is none. */
  get(name: string): string | undefined {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }
}
