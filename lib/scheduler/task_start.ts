/** A task's turn comes: it becomes ready, or waits for a decision, or is refused. */
import { pushHeap } from "./ready_heap.ts";
import { nodeAt, specAt, type Verdict } from "./run_state.ts";
import { endTask, setTask, type Step } from "./run_step.ts";
import { gateOf, neverStarts, outcomeOf } from "./start_gate.ts";

/** Lets a task start as soon as there is room and, where it needs a decision, that is taken. */
export function makeReady(step: Step, index: number): void {
  const { machine } = step;
  const task = nodeAt(machine, index);
  const spec = specAt(machine, index);
  setTask(step, index, "ready");
  const refusal = neverStarts(spec);
  if (refusal !== undefined) return failUnstarted(step, index, refusal);
  if (task.cleared || gateOf(spec) === undefined) {
    pushHeap(machine.ready, machine.place[index] ?? 0);
    return;
  }
  setTask(step, index, "awaiting_decision");
  step.effects.push({ type: "ask", index });
}

/** Ends a task as failed that was never tried. That is no debt: nothing has gone wrong in it. */
export function failUnstarted(step: Step, index: number, reason: string): void {
  nodeAt(step.machine, index).error = reason;
  endTask(step, index, "failed");
}

/** Does what a decision says. @returns whether it ends the whole run */
export function actOnVerdict(
  step: Step,
  index: number,
  { verdict, reason }: { readonly verdict: Verdict; readonly reason: string },
): boolean {
  const task = nodeAt(step.machine, index);
  const spec = specAt(step.machine, index);
  const gate = gateOf(spec);
  if (gate === undefined) return false;
  const outcome = outcomeOf(gate, verdict);
  if (outcome === "go") {
    task.cleared = true;
    if (spec.type === "approval") endTask(step, index, "completed");
    else makeReady(step, index);
    return false;
  }
  if (outcome !== "skip") {
    failUnstarted(step, index, reason);
    return outcome === "abort";
  }
  task.error = `skipped: ${reason}`;
  endTask(step, index, "skipped");
  return false;
}
