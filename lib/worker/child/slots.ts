/** The places in which tasks run at once, each with the control groups that hold what runs there. */
import type { LaunchMeans } from "../../schema/link_frames.ts";
import type { SlotGroups } from "./keeper.ts";

/** A place that is taken until it is disposed of. */
export interface Slot extends Disposable {
  /** Undefined where the machine has no control groups. */
  readonly groups: SlotGroups | undefined;
}

const WITHOUT_GROUPS: Slot = { groups: undefined, [Symbol.dispose]: () => {} };

export class Slots {
  readonly #free: SlotGroups[] | undefined;
  readonly #waiting: ((groups: SlotGroups) => void)[] = [];

  constructor(groups: LaunchMeans["groups"]) {
    this.#free = groups === null ? undefined : [...groups];
  }

  /**
   * Takes a place. The node counts them too, but counts an attempt that it called off as gone while
   * its processes still end here: then this waits for the place to be empty.
   */
  async take(): Promise<Slot> {
    if (this.#free === undefined) return WITHOUT_GROUPS;
    const groups = this.#free.pop() ??
      await new Promise<SlotGroups>((resolve) => this.#waiting.push(resolve));
    return { groups, [Symbol.dispose]: () => this.#giveBack(groups) };
  }

  #giveBack(groups: SlotGroups): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(groups);
    else this.#free?.push(groups);
  }
}
