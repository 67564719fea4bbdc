/** One step of a run: the smallest changes, each of which leaves the counts right and is told of. */
import type { RollbackState, RunState, TaskState } from "../schema/states.ts";
import {
  nodeAt,
  type RunEffect,
  type RunMachine,
  specAt,
  takesSlot,
  type TaskNode,
} from "./run_state.ts";

/** An event on its way through a machine. */
export interface Step {
  readonly machine: RunMachine;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly effects: RunEffect[];
}

/** Puts a task into a state that isn't its end. */
export function setTask(step: Step, index: number, to: TaskState): void {
  const task = nodeAt(step.machine, index);
  const from = task.status;
  if (from === "running") countRunning(step.machine, index, -1);
  if (to === "running") countRunning(step.machine, index, 1);
  else task.lease = null;
  if (to !== "retry_wait") task.retryAt = null;
  if (isVoted(step.machine, index)) {
    if (from === "awaiting_decision") step.machine.votes--;
    if (to === "awaiting_decision") step.machine.votes++;
  }
  task.status = to;
  step.effects.push({ type: "task", index, from, to });
}

/** Ends a task for good. */
export function endTask(step: Step, index: number, to: TaskState): void {
  const { machine } = step;
  const task = nodeAt(machine, index);
  setTask(step, index, to);
  task.waitingFor = 0;
  task.finishedAt = step.now;
  task.endedSeq = ++machine.ended;
  machine.open--;
  if (to === "completed") machine.completed++;
  if (failsRun(machine, index)) machine.firstFailure ??= index;
  if (decidesRun(machine, index)) machine.winner ??= index;
}

/** Takes the lease of an attempt away, if the task has one that runs. */
export function revoke(step: Step, index: number): void {
  const { lease, attempt } = nodeAt(step.machine, index);
  if (lease !== null) step.effects.push({ type: "revoke", index, lease, attempt });
}

/** Puts the run into a state. */
export function setRun(step: Step, to: RunState): void {
  const from = step.machine.status;
  step.machine.status = to;
  step.effects.push({ type: "run", from, to });
}

/** Puts a rollback into a state. */
export function setRollback(step: Step, index: number, to: RollbackState): void {
  const task = nodeAt(step.machine, index);
  const from = task.rollback;
  if (from === "running") countRunning(step.machine, index, -1);
  if (to === "running") countRunning(step.machine, index, 1);
  else task.lease = null;
  task.rollback = to;
  step.effects.push({ type: "rollback", index, from, to });
}

/** Counts an attempt that begins or ends to run. */
export function countRunning(machine: RunMachine, index: number, change: 1 | -1): void {
  machine.running += change;
  if (takesSlot(machine, index)) machine.slots += change;
}

/** Whether stakeholders vote on a task, so that the run is paused while it waits. */
export function isVoted(machine: RunMachine, index: number): boolean {
  return specAt(machine, index).level.type === "arbitrated";
}

/** Whether the run fails because of how this task ended. */
export function failsRun(machine: RunMachine, index: number): boolean {
  const { status } = nodeAt(machine, index);
  if (status === "failed") return true;
  // A person took it out; that an ignorable one is missing is no failure.
  return status === "cancelled" && specAt(machine, index).on_failure === "blocking";
}

/** Whether this task has decided a run of the policy `first_success`: see docs/dag-spec.md. */
export function decidesRun(machine: RunMachine, index: number): boolean {
  return machine.spec.policy === "first_success" &&
    nodeAt(machine, index).status === "completed" &&
    machine.dependants[index]?.length === 0 &&
    specAt(machine, index).run_if !== "any_failed";
}

/** Whether a task that has ended lets those go on that want all to succeed. */
export function succeeded(task: TaskNode): boolean {
  return task.status === "completed" || task.status === "debt";
}
