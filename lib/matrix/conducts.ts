/** How each worker behaves, in its present life. */
import { Conduct, type Verdict } from "./conduct.ts";
import type { Member } from "./transport.ts";

export class Conducts {
  readonly #byWorker = new Map<string, { readonly instance: string; readonly conduct: Conduct }>();

  /** Counts a misbehaviour. @param weight in points; Infinity for what ends a connection by itself */
  judge({ workerId, instance }: Member, weight: number): Verdict {
    const known = this.#byWorker.get(workerId);
    if (known?.instance === instance) return known.conduct.judge(weight);
    const conduct = new Conduct();
    this.#byWorker.set(workerId, { instance, conduct });
    return conduct.judge(weight);
  }
}
