import type { DagSpec, TaskSpec } from "./dag_spec.ts";
import { listFew } from "./quote.ts";
import { formatPath, type Warning } from "./spec_problem.ts";

/** What decides whether a rule applies, besides the document. */
export interface NotYetOptions {
  /** The node that reads the document; a DAG meant for it is not meant for another. */
  nodeId?: string;
}

/** The field a rule is about, when it applies, and what to tell. */
type DagRule = [
  field: keyof DagSpec,
  applies: (spec: DagSpec, options: NotYetOptions) => boolean,
  message: string,
];
type TaskRule = [field: keyof TaskSpec, applies: (task: TaskSpec) => boolean, message: string];

const DAG_RULES: readonly DagRule[] = [
  ["schedule", (spec) => spec.schedule !== undefined, "the DAG does not start by itself yet"],
  ["target_node", isElsewhere, "the DAG is not handed to the other node yet"],
];

const TASK_RULES: readonly TaskRule[] = [
  ["type", (task) => task.type === "skill", "skill tasks are still refused at their start"],
  ["secrets", (task) => task.secrets.length > 0, "secrets are not handed to tasks yet"],
  [
    "permissions",
    (task) => task.permissions !== undefined,
    "a task's own permissions have no effect yet",
  ],
  [
    "resources",
    (task) => task.resources !== undefined,
    "limits on memory and cpu have no effect yet",
  ],
];

/**
 * Warns of the fields that are accepted but have no effect yet: one warning for each
 * rule, naming a few of the tasks. This is the only list of them.
 */
export function notYetEffective(spec: DagSpec, options: NotYetOptions = {}): Warning[] {
  const warnings = DAG_RULES
    .filter(([, applies]) => applies(spec, options))
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

function isElsewhere(spec: DagSpec, { nodeId }: NotYetOptions): boolean {
  return spec.target_node !== undefined && spec.target_node !== "*" && spec.target_node !== nodeId;
}
