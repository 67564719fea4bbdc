/** A run that hasn't ended, as the engine holds it in memory. */
import { priorityRank } from "../schema/priority.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import { ReadyLanes } from "./ready_lanes.ts";
import type { RunEffect, RunMachine } from "./run_machine.ts";

export interface ActiveRun {
  readonly runId: string;
  readonly dagId: string;
  readonly version: number;
  readonly workerId: string;
  readonly rank: number;
  readonly createdAt: number;
  /** "confirm", "schedule", … */
  readonly triggeredBy: string;
  /** When a task of it was handed out last, epoch milliseconds; 0: never. */
  servedAt: number;
  /** Number of the turn in which that was. */
  lastTurn: number;
  readonly lanes: ReadyLanes;
  /** How many tasks of each group run. */
  readonly runningOfGroup: Map<string, number>;
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
  { runId, version, workerId, createdAt, triggeredBy }: Pick<
    ActiveRun,
    "runId" | "version" | "workerId" | "createdAt" | "triggeredBy"
  >,
  machine: RunMachine,
): ActiveRun {
  const spec: DagSpec = machine.spec;
  return {
    runId,
    version,
    workerId,
    createdAt,
    triggeredBy,
    servedAt: 0,
    lastTurn: 0,
    lanes: new ReadyLanes(machine, createdAt),
    runningOfGroup: countGroups(machine),
    dagId: spec.dag_id,
    rank: priorityRank(spec.priority),
    machine,
    indexOf: new Map(spec.tasks.map((task, index) => [task.id, index])),
    changed: new Set(),
    undone: new Set(),
    stateChanged: false,
  };
}

/** Counts a task, or its rollback, that has started or ended among those of its group. */
export function countStarts(
  run: ActiveRun,
  { index, from, to }: Extract<RunEffect, { readonly type: "task" | "rollback" }>,
): void {
  const group = run.machine.spec.tasks[index]?.group;
  if (group === undefined) return;
  const change = Number(to === "running") - Number(from === "running");
  run.runningOfGroup.set(group, (run.runningOfGroup.get(group) ?? 0) + change);
}

function countGroups({ spec, tasks }: RunMachine): Map<string, number> {
  const counts = new Map<string, number>();
  tasks.forEach(({ status, rollback }, index) => {
    const group = spec.tasks[index]?.group;
    if (group === undefined || (status !== "running" && rollback !== "running")) return;
    counts.set(group, (counts.get(group) ?? 0) + 1);
  });
  return counts;
}
