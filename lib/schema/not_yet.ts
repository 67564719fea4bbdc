import type { DagSpec, TaskSpec } from "./dag_spec.ts";
import { listFew } from "./quote.ts";
import { formatPath, type Warning } from "./spec_problem.ts";

/** The field a rule is about, when it applies, and what to tell. */
type TaskRule = [field: keyof TaskSpec, applies: (task: TaskSpec) => boolean, message: string];

const TASK_RULES: readonly TaskRule[] = [
  ["type", (task) => task.type === "skill", "skill tasks are still refused at their start"],
  [
    "secrets",
    (task) => task.secrets.length > 0 && !["shell", "deno", "http"].includes(task.type),
    "there is nothing in such a task that a secret could be given to",
  ],
];

/**
 * Warns of the fields that are accepted but have no effect yet: one warning for each
 * rule, naming a few of the tasks. This is the only list of them.
 */
export function notYetEffective(spec: DagSpec): Warning[] {
  const warnings: Warning[] = [];
  for (const [field, applies, message] of TASK_RULES) {
    const first = spec.tasks.findIndex(applies);
    if (first < 0) continue;
    const tasks = listFew(spec.tasks.filter(applies).map((task) => task.id));
    warnings.push(warning(["tasks", first, field], `${message} (tasks: ${tasks})`));
  }
  return warnings;
}

function warning(path: readonly PropertyKey[], message: string): Warning {
  return { path: formatPath(path), code: "not_yet_effective", message };
}
