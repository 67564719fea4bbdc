/** A run as it was, from what the database keeps of it. */
import type { DagSpec } from "../schema/dag_spec.ts";
import { isFinalTask, type RunState } from "../schema/states.ts";
import { pushHeap } from "./ready_heap.ts";
import { byCompletion } from "./rollback.ts";
import { createRunMachine, nodeAt, type RunMachine, type TaskNode } from "./run_state.ts";
import type { KnownTimes } from "./start_order.ts";
import { countRunning, decidesRun, failsRun, isVoted } from "./run_step.ts";

/** What the database keeps of a task. */
export type StoredTask = Omit<TaskNode, "waitingFor">;

/** What the database keeps of a run. */
export interface StoredRun {
  readonly status: RunState;
  readonly held: boolean;
  readonly error: string | null;
  readonly tasks: readonly StoredTask[];
}

/** Makes the machine of a stored run. @param known as for a new one */
export function restoreRunMachine(
  spec: DagSpec,
  stored: StoredRun,
  known?: KnownTimes,
): RunMachine {
  const machine = createRunMachine(spec, known);
  machine.status = stored.status;
  machine.held = stored.held;
  machine.error = stored.error;
  stored.tasks.forEach((task, index) => {
    Object.assign(nodeAt(machine, index), task);
    if (isFinalTask(task.status)) machine.open--;
  });
  machine.tasks.forEach((_, index) => countIn(machine, index));
  machine.firstFailure = earliest(machine, (index) => failsRun(machine, index));
  machine.winner = earliest(machine, (index) => decidesRun(machine, index));
  const waiting = machine.order.filter((index) => nodeAt(machine, index).rollback === "pending");
  machine.rollbacks.push(...byCompletion(machine, waiting));
  return machine;
}

/** Brings what the machine counts in line with one of its tasks. */
function countIn(machine: RunMachine, index: number): void {
  const task = nodeAt(machine, index);
  if (task.status === "ready") pushHeap(machine.ready, machine.place[index] ?? 0);
  if (task.status === "running" || task.rollback === "running") countRunning(machine, index, 1);
  if (task.status === "completed") machine.completed++;
  if (task.status === "awaiting_decision" && isVoted(machine, index)) machine.votes++;
  machine.ended = Math.max(machine.ended, task.endedSeq ?? 0);
  if (task.status !== "pending") task.waitingFor = 0;
  if (!isFinalTask(task.status)) return;
  for (const next of machine.dependants[index] ?? []) {
    const waiting = nodeAt(machine, next);
    if (waiting.status === "pending") waiting.waitingFor--;
  }
}

/** The first to end of the tasks that fit. What another run did comes before all of this one. */
function earliest(machine: RunMachine, fits: (index: number) => boolean): number | null {
  let first: number | null = null;
  for (const index of machine.order) {
    if (!fits(index)) continue;
    const seq = nodeAt(machine, index).endedSeq ?? 0;
    if (first === null || seq < (nodeAt(machine, first).endedSeq ?? 0)) first = index;
  }
  return first;
}
