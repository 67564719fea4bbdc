/** What the end of a task means for those that depend on it. */
import { isFinalTask } from "../schema/states.ts";
import { conditionOf } from "./run_condition.ts";
import { nodeAt } from "./run_state.ts";
import { endTask, type Step } from "./run_step.ts";
import { makeReady } from "./task_start.ts";

/** Lets those that depend on a task go on, or ends them, if it has ended. */
export function letDependantsGoOn(step: Step, index: number): void {
  if (isFinalTask(nodeAt(step.machine, index).status)) spread(step, [index]);
}

/** Looks at every task that waits for nothing, or for what ended before the run began. */
export function startPending(step: Step): void {
  const { machine } = step;
  const ended: number[] = [];
  for (const index of machine.order) {
    if (nodeAt(machine, index).status !== "pending") continue;
    const before = (machine.dependencies[index] ?? [])
      .filter((at) => isFinalTask(nodeAt(machine, at).status));
    if (goOn(step, index, before)) ended.push(index);
  }
  spread(step, ended);
}

/** Iterative: chains may be long. */
function spread(step: Step, ended: number[]): void {
  const { machine } = step;
  for (let at = ended.pop(); at !== undefined; at = ended.pop()) {
    for (const next of machine.dependants[at] ?? []) {
      const task = nodeAt(machine, next);
      if (task.status !== "pending") continue;
      task.waitingFor--;
      if (goOn(step, next, [at])) ended.push(next);
    }
  }
}

/** Starts or skips a pending task if its time has come. @returns whether it has ended */
function goOn(step: Step, index: number, ended: readonly number[]): boolean {
  const condition = conditionOf(step.machine, index, ended);
  if (condition.type === "wait") return false;
  if (condition.type === "go") makeReady(step, index);
  else {
    nodeAt(step.machine, index).error = condition.why;
    endTask(step, index, "skipped");
  }
  return isFinalTask(nodeAt(step.machine, index).status);
}
