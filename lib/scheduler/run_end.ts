/** When a run pauses, goes on and ends, and as what. */
import { isFinalTask } from "../schema/states.ts";
import { beginRollback, hasRollbacks, tasksToRollBack } from "./rollback.ts";
import { causeOfFailure, rollbackOutcome } from "./run_failure.ts";
import { nodeAt, specAt } from "./run_state.ts";
import { endTask, revoke, setRun, type Step } from "./run_step.ts";

/** Pauses the run while a person holds it or stakeholders vote, and lets it go on after that. */
export function settlePause(step: Step): void {
  const { machine } = step;
  if (machine.status !== "running" && machine.status !== "paused") return;
  // Votes on what isn't needed any more hold nothing up.
  const voting = machine.votes > 0 && machine.winner === null;
  const wanted = machine.held || voting ? "paused" : "running";
  if (machine.status !== wanted) setRun(step, wanted);
}

/** Ends the run if nothing is left to do, or begins to roll back what it did. */
export function conclude(step: Step): void {
  const { machine } = step;
  if (machine.status !== "running") return;
  if (machine.winner !== null && machine.error === null) {
    const { id } = specAt(machine, machine.winner);
    cancelOpen(step, `not needed any more: "${id}" completed`);
    return setRun(step, "completed");
  }
  if (machine.open > 0) return;
  if (machine.error === null) {
    const wanted = machine.spec.policy !== "first_success";
    if (wanted && machine.firstFailure === null) return setRun(step, "completed");
    return failRun(step, { error: causeOfFailure(machine) });
  }
  if (hasRollbacks(machine)) return;
  machine.error += rollbackOutcome(machine);
  setRun(step, "failed");
}

/** How a run is ended before its time. */
export interface Stop {
  readonly status: "cancelled" | "failed";
  readonly error: string;
  /** No worker will be there to roll anything back. */
  readonly workerGone?: boolean;
}

/** Ends everything that is open, and with it the run. */
export function stopRun(step: Step, stop: Stop): void {
  const { machine } = step;
  cancelOpen(step, stop.error);
  if (stop.status === "failed") return failRun(step, stop);
  machine.error = stop.error;
  setRun(step, "cancelled");
}

/** All tasks have ended and the run has failed: it ends once what it did is rolled back. */
function failRun(step: Step, { error, workerGone = false }: Omit<Stop, "status">): void {
  const { machine } = step;
  machine.error = error;
  machine.held = false;
  const tasks = tasksToRollBack(machine);
  if (tasks.length === 0) return setRun(step, "failed");
  if (workerGone) {
    machine.error += `; ${tasks.length} of its tasks could not be rolled back`;
    return setRun(step, "failed");
  }
  beginRollback(step, tasks);
}

function cancelOpen(step: Step, reason: string): void {
  const { machine } = step;
  for (const index of machine.order) {
    const task = nodeAt(machine, index);
    if (isFinalTask(task.status)) continue;
    revoke(step, index);
    task.error = reason;
    endTask(step, index, "cancelled");
  }
}
