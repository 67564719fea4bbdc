/** Tasks that must not start because what would allow them is not there: they fail closed. */
import type { DagSpec } from "../schema/dag_spec.ts";

/**
 * Why a task may not start, or undefined when it may. Decision levels and approvals need a person's
 * yes; without a way to ask for one the answer is no.
 */
export function startRefusal(task: DagSpec["tasks"][number]): string | undefined {
  if (task.type === "approval") {
    return "it waits for an approval, and this node cannot ask for approvals yet";
  }
  if (task.type === "skill") return `no skill "${task.skill}" is installed on this node`;
  if (task.level.type !== "mechanical") {
    return `its level "${task.level.type}" needs a decision, and this node cannot ask for decisions yet`;
  }
  return undefined;
}
