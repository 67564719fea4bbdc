/**
 * The ready tasks of one run, in lanes by what they need to start: a slot of the worker, a place in
 * a group. A task waits behind its like only, never behind one that needs what it doesn't. Within
 * a run the machine's order decides, not the moment in which a task became ready.
 */
import { popHeap, pushHeap } from "./ready_heap.ts";
import { isRollingBack, nextReady, nodeAt, type RunMachine, takesSlot } from "./run_machine.ts";

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

export class ReadyLanes {
  readonly #machine: RunMachine;
  /** In each lane a heap of places in the machine's order. */
  readonly #lanes = new Map<string, { readonly lane: Lane; readonly places: number[] }>();
  /** When each ready task became so. */
  readonly #since = new Map<number, number>();

  /** @param since when the tasks that are ready by now became so */
  constructor(machine: RunMachine, since: number) {
    this.#machine = machine;
    for (const place of machine.ready) {
      const index = machine.order[place];
      if (index !== undefined) this.add(index, since);
    }
  }

  /** A task has become ready. */
  add(index: number, since: number): void {
    const lane = laneOf(this.#machine, index);
    const key = `${lane.slot} ${lane.group ?? ""}`;
    let known = this.#lanes.get(key);
    if (known === undefined) this.#lanes.set(key, known = { lane, places: [] });
    pushHeap(known.places, this.#machine.place[index] ?? 0);
    this.#since.set(index, since);
  }

  /** The first task in the lanes that may start one; while it is rolled back, the next rollback. */
  next(mayStart: (lane: Lane) => boolean): ReadyTask | undefined {
    if (isRollingBack(this.#machine)) return this.#nextRollback(mayStart);
    let first: { readonly place: number; readonly lane: Lane } | undefined;
    for (const { lane, places } of this.#lanes.values()) {
      const place = this.#head(places);
      if (place === undefined || (first !== undefined && first.place < place)) continue;
      if (mayStart(lane)) first = { place, lane };
    }
    const index = first === undefined ? undefined : this.#machine.order[first.place];
    if (first === undefined || index === undefined) return undefined;
    return { index, lane: first.lane, since: this.#since.get(index) ?? 0 };
  }

  #nextRollback(mayStart: (lane: Lane) => boolean): ReadyTask | undefined {
    const index = nextReady(this.#machine);
    if (index === undefined) return undefined;
    const lane = laneOf(this.#machine, index);
    return mayStart(lane) ? { index, lane, since: 0 } : undefined;
  }

  /** The first place in a lane whose task still is ready; what isn't any more is dropped. */
  #head(places: number[]): number | undefined {
    while (places[0] !== undefined) {
      const index = this.#machine.order[places[0]];
      if (index !== undefined && nodeAt(this.#machine, index).status === "ready") return places[0];
      popHeap(places);
      if (index !== undefined) this.#since.delete(index);
    }
    return undefined;
  }
}

/** What a task needs to start. */
export function laneOf(machine: RunMachine, index: number): Lane {
  return { slot: takesSlot(machine, index), group: machine.spec.tasks[index]?.group ?? null };
}
