import type { DagSpec, TaskSpec } from "./dag_spec.ts";
import { listFew } from "./quote.ts";
import { formatPath, type Warning } from "./spec_problem.ts";

/** The field a rule is about, when it applies, and what to tell. */
type DagRule = [
  field: keyof DagSpec,
  applies: (spec: DagSpec) => boolean,
  message: string,
];
type TaskRule = [field: keyof TaskSpec, applies: (task: TaskSpec) => boolean, message: string];

const DAG_RULES: readonly DagRule[] = [
  ["policy", (spec) => spec.policy !== "all_success", "so far every policy acts as all_success"],
];

const TASK_RULES: readonly TaskRule[] = [
  ["type", (task) => task.type === "approval", "approval tasks are still refused at their start"],
  ["type", (task) => task.type === "skill", "skill tasks are still refused at their start"],
  [
    "level",
    (task) => task.level.type !== "mechanical",
    "tasks of this level are still refused at their start",
  ],
  ["run_if", (task) => task.run_if !== "all_success", "so far this acts as all_success"],
  [
    "on_failure",
    (task) => task.on_failure === "ignorable",
    "an ignorable failure still fails the run",
  ],
  ["rollback", (task) => task.rollback.length > 0, "rollback commands are not run yet"],
  [
    "secrets",
    (task) => task.secrets.length > 0 && task.type !== "shell" && task.type !== "deno",
    "only shell and deno tasks are given secrets: send the request from one of these",
  ],
];

/**
 * Warns of the fields that are accepted but have no effect yet: one warning for each
 * rule, naming a few of the tasks. This is the only list of them.
 */
export function notYetEffective(spec: DagSpec): Warning[] {
  const warnings = DAG_RULES
    .filter(([, applies]) => applies(spec))
    .map(([field, , message]) => warning([field], message));
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
