/** A run that hasn't ended, as the engine holds it in memory. */
import { priorityRank } from "../schema/priority.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import type { RunMachine } from "./run_machine.ts";

export interface ActiveRun {
  readonly runId: string;
  readonly dagId: string;
  readonly version: number;
  readonly workerId: string;
  readonly rank: number;
  readonly createdAt: number;
  readonly machine: RunMachine;
  /** Index of each task in the spec. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** Tasks whose rows are older than the machine. */
  readonly changed: Set<number>;
  /** Ended tasks whose rows don't have yet how their rollback stands. */
  readonly undone: Set<number>;
  /** Whether the run's own row is older than the machine. */
  stateChanged: boolean;
}

/** Wraps a machine. */
export function activeRun(
  run: { runId: string; version: number; workerId: string; createdAt: number },
  machine: RunMachine,
): ActiveRun {
  const spec: DagSpec = machine.spec;
  return {
    ...run,
    dagId: spec.dag_id,
    rank: priorityRank(spec.priority),
    machine,
    indexOf: new Map(spec.tasks.map((task, index) => [task.id, index])),
    changed: new Set(),
    undone: new Set(),
    stateChanged: false,
  };
}

/** Which of two runs of one worker goes first: higher priority, then the older one. */
export function byUrgency(a: ActiveRun, b: ActiveRun): number {
  return b.rank - a.rank || a.createdAt - b.createdAt || (a.runId < b.runId ? -1 : 1);
}
