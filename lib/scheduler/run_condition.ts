/** Whether a task may start by what became of those that it depends on (`run_if`). */
import { nodeAt, type RunMachine, specAt } from "./run_state.ts";
import { succeeded } from "./run_step.ts";

/** What is to become of a pending task. */
export type Condition =
  | { readonly type: "wait" }
  | { readonly type: "go" }
  | { readonly type: "skip"; readonly why: string };

/**
 * What is to become of a pending task now.
 * @param ended those of its dependencies that have ended since it was last looked at
 */
export function conditionOf(
  machine: RunMachine,
  index: number,
  ended: readonly number[],
): Condition {
  const { run_if } = specAt(machine, index);
  if (run_if === "all_success") {
    const missing = ended.find((at) => !succeeded(nodeAt(machine, at)));
    if (missing !== undefined) {
      const { status } = nodeAt(machine, missing);
      return { type: "skip", why: `not started: "${specAt(machine, missing).id}" ${status}` };
    }
  }
  if (nodeAt(machine, index).waitingFor > 0) return { type: "wait" };
  const needed = machine.dependencies[index] ?? [];
  if (run_if !== "any_failed" || needed.some((at) => wentWrong(machine, at))) return { type: "go" };
  return { type: "skip", why: "not needed: nothing that it depends on failed" };
}

/**
 * Whether a task failed, as `any_failed` sees it: it failed itself (allowed to or not), was
 * cancelled, or was skipped because something before it did.
 */
export function wentWrong(machine: RunMachine, index: number): boolean {
  const open = [index];
  const seen = new Set(open);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { status } = nodeAt(machine, at);
    if (status === "failed" || status === "debt" || status === "cancelled") return true;
    if (status !== "skipped") continue;
    for (const before of machine.dependencies[at] ?? []) {
      if (seen.has(before)) continue;
      seen.add(before);
      open.push(before);
    }
  }
  return false;
}
