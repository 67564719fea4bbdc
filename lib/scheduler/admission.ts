/** Which queued runs may start, and what the others wait for. Pure. */
import type { ActiveRun } from "./active_run.ts";
import type { NodeBounds } from "./capacity.ts";
import { isFinalRun } from "../schema/states.ts";
import { agedRank } from "./fair_turn.ts";

/** Why a queued run doesn't start. */
export interface Held {
  readonly code: "earlier_run" | "max_active_runs" | "node_limit";
  readonly message: string;
}

export class Admission {
  readonly #bounds: NodeBounds;
  #started = 0;
  readonly #startedOf = new Map<string, number>();
  /** The open run of each DAG that began first. */
  readonly #earliest = new Map<string, ActiveRun>();

  /** @param runs all open runs of the node */
  constructor(bounds: NodeBounds, runs: Iterable<ActiveRun>) {
    this.#bounds = bounds;
    for (const run of runs) {
      // Until the commit, runs that end in this transaction are still at hand.
      if (isFinalRun(run.machine.status)) continue;
      const earliest = this.#earliest.get(run.dagId);
      if (earliest === undefined || isEarlier(run, earliest)) this.#earliest.set(run.dagId, run);
      if (run.machine.status !== "queued") this.started(run);
    }
  }

  /** A run has been started. */
  started({ dagId }: ActiveRun): void {
    this.#started++;
    this.#startedOf.set(dagId, (this.#startedOf.get(dagId) ?? 0) + 1);
  }

  /** What a queued run waits for, or undefined when it may start. */
  held(run: ActiveRun): Held | undefined {
    const { spec } = run.machine;
    const earliest = this.#earliest.get(run.dagId);
    if (startedBySchedule(run) && spec.schedule?.overlap !== "allow") {
      if (earliest !== undefined && isEarlier(earliest, run)) {
        return { code: "earlier_run", message: `the run ${earliest.runId} comes first` };
      }
    }
    const active = this.#startedOf.get(run.dagId) ?? 0;
    if (spec.max_active_runs !== undefined && active >= spec.max_active_runs) {
      return {
        code: "max_active_runs",
        message: `${active} runs of "${run.dagId}" are open, and its max_active_runs is ` +
          `${spec.max_active_runs}`,
      };
    }
    const limit = this.#bounds.maxRunningRuns;
    if (limit === null || this.#started < limit) return undefined;
    return {
      code: "node_limit",
      message: `${this.#started} runs are open on the node, and max_running_runs is ${limit}`,
    };
  }
}

/** Queued runs in the order in which they are looked at. */
export function byAdmission(
  runs: readonly ActiveRun[],
  time: { readonly now: number; readonly ageMs: number },
): ActiveRun[] {
  const rankOf = (run: ActiveRun): number =>
    agedRank({ rank: run.rank, waitingSince: run.createdAt }, time);
  return [...runs].sort((a, b) => rankOf(b) - rankOf(a) || (isEarlier(a, b) ? -1 : 1));
}

function startedBySchedule({ triggeredBy }: ActiveRun): boolean {
  return triggeredBy === "schedule" || triggeredBy === "catch_up";
}

function isEarlier(a: ActiveRun, b: ActiveRun): boolean {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.runId < b.runId);
}
