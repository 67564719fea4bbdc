/** How much room the bounds of node, DAG and groups leave, counted over the open runs. */
import type { ActiveRun } from "./active_run.ts";
import type { Lane } from "./ready_lanes.ts";

/** Bounds of the whole node; null: none. */
export interface NodeBounds {
  readonly maxRunningTasks: number | null;
  readonly maxRunningRuns: number | null;
  /** Most tasks of a group that run at once, over all DAGs. */
  readonly groups: Readonly<Record<string, number>>;
  /** After this wait, in milliseconds, a run counts as of the next higher priority. */
  readonly priorityAgeMs: number;
}

/** What keeps a task from starting. */
export interface Obstacle {
  readonly code: "max_parallel" | "group_limit" | "node_limit";
  readonly message: string;
}

export class Capacity {
  readonly #bounds: NodeBounds;
  #running = 0;
  /** By group, and by `dag group`. */
  readonly #groups = new Map<string, number>();

  /** @param runs all open runs of the node that may have tasks running */
  constructor(bounds: NodeBounds, runs: Iterable<ActiveRun>) {
    this.#bounds = bounds;
    for (const run of runs) {
      this.#running += run.machine.slots;
      for (const [group, count] of run.runningOfGroup) this.#count(run, group, count);
    }
  }

  /** Why no task of this lane may start in the run now, whatever its worker has free. */
  obstacle({ machine, dagId }: ActiveRun, { slot, group }: Lane): Obstacle | undefined {
    const { spec } = machine;
    if (machine.running >= spec.max_parallel) {
      return {
        code: "max_parallel",
        message: `${machine.running} tasks of the run are running, and max_parallel is ` +
          `${spec.max_parallel}`,
      };
    }
    const limit = this.#bounds.maxRunningTasks;
    if (slot && limit !== null && this.#running >= limit) {
      return {
        code: "node_limit",
        message:
          `${this.#running} tasks are running on the node, and max_running_tasks is ${limit}`,
      };
    }
    if (group === null) return undefined;
    return this.#groupFull(group, this.#bounds.groups[group], { key: group, whose: "the node" }) ??
      this.#groupFull(group, spec.groups?.[group], { key: `${dagId} ${group}`, whose: "the DAG" });
  }

  /** A task of this lane starts. */
  take(run: ActiveRun, { slot, group }: Lane): void {
    if (slot) this.#running++;
    if (group !== null) this.#count(run, group, 1);
  }

  #groupFull(
    group: string,
    limit: number | undefined,
    { key, whose }: { key: string; whose: string },
  ): Obstacle | undefined {
    const running = this.#groups.get(key) ?? 0;
    if (limit === undefined || running < limit) return undefined;
    return {
      code: "group_limit",
      message: `${running} of the group "${group}" are running, and ${whose} allows ${limit}`,
    };
  }

  #count({ dagId }: ActiveRun, group: string, count: number): void {
    for (const key of [group, `${dagId} ${group}`]) {
      this.#groups.set(key, (this.#groups.get(key) ?? 0) + count);
    }
  }
}
