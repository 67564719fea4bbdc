/** Why a run failed, in one sentence: its root first, then what followed. */
import { nodeAt, type RunMachine, specAt } from "./run_state.ts";

/** The task because of which the run fails, what became of it, and what was skipped. */
export function causeOfFailure(machine: RunMachine): string {
  const { firstFailure } = machine;
  const root = firstFailure === null
    ? "none of the tasks that decide it completed"
    : taskFailure(machine, firstFailure);
  const skipped = machine.tasks.filter(({ status }) => status === "skipped").length;
  return skipped === 0 ? root : `${root}; ${tasksWere(skipped)} skipped`;
}

/** What a stop makes of a run: the failure that came before it, if any, is still the root. */
export function causeOfStop(machine: RunMachine, reason: string): string {
  if (machine.firstFailure === null) return reason;
  return `${taskFailure(machine, machine.firstFailure)}; then ${reason}`;
}

/** What became of the rollbacks, to be put behind the cause; empty when there were none. */
export function rollbackOutcome(machine: RunMachine): string {
  const { tasks } = machine;
  const count = (state: string): number => tasks.filter((task) => task.rollback === state).length;
  const parts: string[] = [];
  if (count("done") > 0) parts.push(`; ${tasksWere(count("done"))} rolled back`);
  for (const index of machine.order) {
    const task = nodeAt(machine, index);
    if (task.rollback !== "failed") continue;
    parts.push(`; rolling back "${specAt(machine, index).id}" failed: ${task.error ?? "unknown"}`);
  }
  if (count("skipped") > 0) parts.push(`; ${tasksWere(count("skipped"))} not rolled back`);
  return parts.join("");
}

function taskFailure(machine: RunMachine, index: number): string {
  const task = nodeAt(machine, index);
  const { id } = specAt(machine, index);
  const reason = task.error ?? "no reason given";
  if (task.status === "cancelled") return `task "${id}" was ${reason}`;
  const tries = task.attempt > 1 ? ` after ${task.attempt} attempts` : "";
  return `task "${id}" failed${tries}: ${reason}`;
}

function tasksWere(count: number): string {
  return count === 1 ? "1 task was" : `${count} tasks were`;
}
