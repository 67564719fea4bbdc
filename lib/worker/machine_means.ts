/**
 * What this machine has to hold tasks to their permissions and limits, and the share of it that each
 * worker gets. Looked into once, when the node starts.
 */
import type { LaunchMeans } from "../schema/link_frames.ts";
import {
  type Cgroups,
  closeCgroups,
  killInWorkerGroups,
  makeWorkerGroups,
  openCgroups,
  slotGroups,
  sweepWorkerGroups,
} from "./cgroups.ts";
import type { ScopeLimits } from "./scope_limits.ts";
import { detectWalls, noWalls, type Walls } from "./walls.ts";

/** What a worker's share depends on. */
export interface ShareOrder {
  /** Tasks at once. */
  readonly slots: number;
  readonly limits: ScopeLimits;
  readonly taken: LaunchMeans["taken"];
}

export class MachineMeans {
  readonly walls: Walls;
  /** Undefined where there are none that the node may use. */
  readonly cgroups: Cgroups | undefined;

  constructor(found: { readonly walls: Walls; readonly cgroups: Cgroups | undefined }) {
    this.walls = found.walls;
    this.cgroups = found.cgroups;
  }

  /**
   * Looks what there is.
   * @param settings.bubblewrap path to use; null: none; undefined: where it usually is
   */
  static async open(
    settings: { readonly data_dir: string; readonly bubblewrap?: string | null | undefined },
  ): Promise<MachineMeans> {
    return new MachineMeans({
      walls: await wallsOf(settings.bubblewrap),
      cgroups: openCgroups(settings.data_dir),
    });
  }

  /** A machine with nothing. */
  static none(reason: string): MachineMeans {
    return new MachineMeans({ walls: noWalls(reason), cgroups: undefined });
  }

  /** Makes the control groups of a worker that is about to start. */
  prepare(workerId: string, { slots, limits }: Omit<ShareOrder, "taken">): void {
    if (this.cgroups !== undefined) {
      makeWorkerGroups(this.cgroups, { name: workerId, slots, limits });
    }
  }

  /** What a worker launches its tasks with. Makes nothing: see `prepare`. */
  forWorker(workerId: string, { slots, limits, taken }: ShareOrder): LaunchMeans {
    const { cgroups, walls } = this;
    return {
      bubblewrap: walls.bubblewrap,
      system: [...walls.system],
      taken,
      groups: cgroups === undefined ? null : slotGroups(cgroups, { name: workerId, slots }),
      file_size: limits.disk,
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

async function wallsOf(setting: string | null | undefined): Promise<Walls> {
  if (setting === null) return noWalls("the settings say that none is to be used");
  return await detectWalls(setting === undefined ? undefined : [setting]);
}
