/**
 * Undoing what a failed run did: the rollback commands of its completed tasks, one task after the
 * other, in the reverse order of their completion. The run ends when the last of them has.
 */
import { type AttemptEvent, endsWithLoss } from "./attempt_end.ts";
import { nodeAt, type RunMachine, specAt } from "./run_state.ts";
import { revoke, setRollback, type Step } from "./run_step.ts";

/** The tasks to roll back: completed by this run itself, with commands for it. By index. */
export function tasksToRollBack(machine: RunMachine): number[] {
  return machine.order.filter((index) => {
    const task = nodeAt(machine, index);
    return task.status === "completed" && task.endedSeq !== null &&
      specAt(machine, index).rollback.length > 0;
  });
}

/** Notes what is to be rolled back. */
export function beginRollback(step: Step, tasks: readonly number[]): void {
  step.effects.push({ type: "rolling_back", tasks: tasks.length });
  for (const index of tasks) setRollback(step, index, "pending");
  // Not spread into one call: there may be more than a call takes arguments.
  for (const index of byCompletion(step.machine, tasks)) step.machine.rollbacks.push(index);
}

/** Tasks in the order in which they ended. */
export function byCompletion(machine: RunMachine, tasks: readonly number[]): number[] {
  const seq = (index: number): number => nodeAt(machine, index).endedSeq ?? 0;
  return [...tasks].sort((a, b) => seq(a) - seq(b));
}

/** The task whose rollback comes next; undefined while one runs and when none is left. */
export function nextRollback({ running, rollbacks }: RunMachine): number | undefined {
  return running > 0 ? undefined : rollbacks.at(-1);
}

/** Whether a rollback waits or runs. */
export function hasRollbacks({ running, rollbacks }: RunMachine): boolean {
  return running > 0 || rollbacks.length > 0;
}

/** Starts the rollback that comes next. */
export function claimRollback(step: Step, index: number, lease: string): void {
  if (nextRollback(step.machine) !== index) return;
  step.machine.rollbacks.pop();
  const task = nodeAt(step.machine, index);
  setRollback(step, index, "running");
  task.attempt++;
  task.lease = lease;
}

/** Ends the rollback that runs. It is tried again only where its worker was lost. */
export function endRollback(step: Step, event: AttemptEvent): void {
  const { index } = event;
  const task = nodeAt(step.machine, index);
  switch (event.type) {
    case "completed":
      task.error = null;
      return setRollback(step, index, "done");
    case "failed":
      task.error = event.error;
      return setRollback(step, index, "failed");
    case "lost": {
      const final = endsWithLoss(step, event);
      task.error = final ?? event.reason;
      setRollback(step, index, final === undefined ? "pending" : "failed");
      if (final === undefined) step.machine.rollbacks.push(index);
    }
  }
}

/** A rollback that may not start has failed. */
export function refuseRollback(step: Step, index: number, reason: string): void {
  if (nextRollback(step.machine) !== index) return;
  step.machine.rollbacks.pop();
  nodeAt(step.machine, index).error = reason;
  setRollback(step, index, "failed");
}

/** Gives up what has not been rolled back. */
export function stopRollbacks(step: Step): void {
  step.machine.rollbacks.length = 0;
  for (const index of step.machine.order) {
    const { rollback } = nodeAt(step.machine, index);
    if (rollback !== "pending" && rollback !== "running") continue;
    revoke(step, index);
    setRollback(step, index, "skipped");
  }
}
