/**
 * What this machine has to hold tasks to their permissions and limits, and the share of it that each
 * worker gets. Looked into once, when the node starts.
 */
import type { LaunchMeans } from "../schema/link_frames.ts";
import {
  type Cgroups,
  closeCgroups,
  type GroupLimits,
  killInWorkerGroups,
  makeWorkerGroups,
  openCgroups,
  sweepWorkerGroups,
} from "./cgroups.ts";
import { detectWalls, noWalls, type Walls } from "./walls.ts";

/** Where tasks run. */
export interface MeansPlace {
  /** Absolute; no task may look into it. */
  readonly dataDir: string;
}

export class MachineMeans {
  readonly walls: Walls;
  /** Undefined where there are none that the node may use. */
  readonly cgroups: Cgroups | undefined;
  readonly #place: MeansPlace;

  constructor(place: MeansPlace, found: { walls: Walls; cgroups: Cgroups | undefined }) {
    this.#place = place;
    this.walls = found.walls;
    this.cgroups = found.cgroups;
  }

  /** Looks what there is. */
  static async open(place: MeansPlace): Promise<MachineMeans> {
    return new MachineMeans(place, {
      walls: await detectWalls(),
      cgroups: openCgroups(place.dataDir),
    });
  }

  /** A machine with nothing: for tests, and for what has not been looked into. */
  static none(place: MeansPlace): MachineMeans {
    return new MachineMeans(place, { walls: noWalls("not looked for"), cgroups: undefined });
  }

  /** What a worker launches its tasks with. Makes its control groups. */
  forWorker(
    workerId: string,
    { slots, limits }: { readonly slots: number; readonly limits: GroupLimits },
  ): LaunchMeans {
    const { cgroups, walls } = this;
    return {
      bubblewrap: walls.bubblewrap,
      system: [...walls.system],
      private: [this.#place.dataDir],
      groups: cgroups === undefined
        ? null
        : makeWorkerGroups(cgroups, { name: workerId, slots, limits }),
      pids: cgroups?.roots.pids === undefined ? limits.pids : null,
    };
  }

  /** A worker is gone: so is what is left of its tasks. */
  workerGone(workerId: string): void {
    if (this.cgroups !== undefined) killInWorkerGroups(this.cgroups, workerId);
  }

  /** Removes the groups of all workers but these, with what is in them. */
  async sweep(keep: ReadonlySet<string>): Promise<void> {
    if (this.cgroups !== undefined) await sweepWorkerGroups(this.cgroups, keep);
  }

  /** Removes everything that was made, but the groups of these workers, which live on. */
  async close(keep: ReadonlySet<string>): Promise<void> {
    if (this.cgroups === undefined) return;
    if (keep.size === 0) await closeCgroups(this.cgroups);
    else await sweepWorkerGroups(this.cgroups, keep);
  }
}
