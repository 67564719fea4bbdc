/**
 * The ready tasks of one run, in lanes by what they need to start: a slot of the worker, a place in
 * a group. A task waits behind its like only, never behind one that needs what it doesn't.
 */
import { nodeAt, type RunMachine, takesSlot } from "./run_machine.ts";

/** What the tasks of a lane need. */
export interface Lane {
  /** Whether they take one of the worker's slots. */
  readonly slot: boolean;
  readonly group: string | null;
}

/** A ready task. */
export interface ReadyTask {
  readonly index: number;
  readonly lane: Lane;
  /** When it became ready, epoch milliseconds. */
  readonly since: number;
}

interface Entry {
  readonly index: number;
  readonly since: number;
  /** Counts up over all lanes. */
  readonly order: number;
}

export class ReadyLanes {
  readonly #machine: RunMachine;
  readonly #lanes = new Map<string, { readonly lane: Lane; readonly entries: Entry[] }>();
  #order = 0;

  /** @param since when the tasks that are ready by now became so */
  constructor(machine: RunMachine, since: number) {
    this.#machine = machine;
    for (const index of machine.readyQueue) this.add(index, since);
  }

  /** A task has become ready. */
  add(index: number, since: number): void {
    const lane = laneOf(this.#machine, index);
    const key = `${lane.slot} ${lane.group ?? ""}`;
    const entry = { index, since, order: this.#order++ };
    const known = this.#lanes.get(key);
    if (known === undefined) this.#lanes.set(key, { lane, entries: [entry] });
    else known.entries.push(entry);
  }

  /** The task that has been ready longest in the lanes that may start one. */
  next(mayStart: (lane: Lane) => boolean): ReadyTask | undefined {
    let first: (Entry & { lane: Lane }) | undefined;
    for (const { lane, entries } of this.#lanes.values()) {
      const head = this.#head(entries);
      if (head === undefined || (first !== undefined && first.order < head.order)) continue;
      if (mayStart(lane)) first = { ...head, lane };
    }
    return first;
  }

  #head(entries: Entry[]): Entry | undefined {
    while (entries[0] !== undefined) {
      if (nodeAt(this.#machine, entries[0].index).status === "ready") return entries[0];
      entries.shift();
    }
    return undefined;
  }
}

/** What a task needs to start. */
export function laneOf(machine: RunMachine, index: number): Lane {
  return { slot: takesSlot(machine, index), group: machine.spec.tasks[index]?.group ?? null };
}
