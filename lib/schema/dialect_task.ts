import {
  foldNames,
  isObject,
  type JsonObject,
  mapField,
  mapObject,
  type Path,
  rename,
  sameJson,
  without,
  withoutEmpty,
  withoutNulls,
} from "./dialect_fields.ts";
import { parseDuration } from "./duration.ts";
import { quote } from "./quote.ts";
import { MAX_ATTEMPTS } from "./retry.ts";
import { type Findings, formatPath, problem, type ProblemCode } from "./spec_problem.ts";

/** Collects fields that are ignored, so that there is one warning for each and not for each task. */
export type IgnoredFields = Map<string, { path: string; tasks: string[] }>;

/** What the moves on one task share. */
export interface TaskContext {
  index: number;
  findings: Findings;
  ignored: IgnoredFields;
  /** The node that the whole DAG is meant for, if any. */
  targetNode: unknown;
}

/** Fields of the older format about AI agents, which nothing here runs. */
const AGENT_FIELDS = ["agent_runtime", "keep_agent", "reuse_agent", "agent_config"] as const;

/** Fields of older formats that change what a task does, and what to do instead. */
const REFUSED_FIELDS = new Map<string, string>([
  [
    "agent",
    "an AI agent would have to carry out this task; make it a skill task, or a shell " +
    "task that calls the agent",
  ],
  ["condition", 'conditions are written as "run_if": all_success, all_done or any_failed'],
  [
    "node_selector",
    "all tasks of a DAG run on one node; split the DAG and give each part a " +
    '"target_node"',
  ],
]);

/** Turns an older spelling of a task into the canonical one. */
export function canonicalTask(value: unknown, context: TaskContext): unknown {
  if (!isObject(value)) return value;
  let task = withoutEmpty(withoutNulls(value), "name");
  task = renameFields(task, context);
  task = mapObject(task, "level", (level) => canonicalLevel(level, context));
  task = mapObject(task, "permissions", withoutNulls);
  task = mapObject(task, "resources", withoutNulls);
  task = mapObject(task, "request", withoutNulls);
  if (sameJson(task["resources"], {})) task = without(task, "resources");
  task = mergeRetry(task, context);
  task = dropTargetNode(task, context);
  task = inferType(task, context);
  return dropAgentFields(refuseFields(task, context), context);
}

function pathTo(context: TaskContext, ...rest: Path): string {
  return formatPath(["tasks", context.index, ...rest]);
}

function report(context: TaskContext, field: string, what: [ProblemCode, string]): void {
  context.findings.problems.push(problem(pathTo(context, field), ...what));
}

/** How a message names a task. */
function nameOf(task: JsonObject, context: TaskContext): string {
  return typeof task["id"] === "string" ? `task ${quote(task["id"])}` : `task ${context.index}`;
}

function renameFields(task: JsonObject, context: TaskContext): JsonObject {
  const path = ["tasks", context.index];
  const renames = [
    { from: "deps", to: "depends_on", path },
    { from: "dependencies", to: "depends_on", path },
    { from: "task_type", to: "type", path },
  ];
  const renamed = renames.reduce(
    (result, options) => rename(result, context.findings, options),
    foldNames(task, "type", "task_type", "on_failure", "run_if"),
  );
  return renameTimeout(renamed, context.findings, path);
}

/** Gives `timeout_secs` its canonical name; it is a number, and in seconds. */
export function renameTimeout(object: JsonObject, findings: Findings, path: Path): JsonObject {
  const seconds = object["timeout_secs"];
  if (seconds !== undefined && typeof seconds !== "number") {
    const message = `must be a number of seconds, not ${quote(seconds)}`;
    findings.problems.push(problem(formatPath([...path, "timeout"]), "wrong_type", message));
  }
  return rename(object, findings, {
    from: "timeout_secs",
    to: "timeout",
    path,
    comparable: durationOrItself,
  });
}

function durationOrItself(value: unknown): unknown {
  if (typeof value !== "string" && typeof value !== "number") return value;
  return parseDuration(value) ?? value;
}

function canonicalLevel(level: JsonObject, context: TaskContext): JsonObject {
  const folded = foldNames(withoutNulls(level), "type", "default_action");
  return renameTimeout(folded, context.findings, ["tasks", context.index, "level"]);
}

/** A number of retries that can become a number of attempts. */
function isRetryCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < MAX_ATTEMPTS;
}

/**
 * Brings the ways to ask for retries into one: a bare number n, and the mechanical
 * level's `retry: n`, are n retries after the first attempt. An explicit `max_attempts`
 * decides.
 */
function mergeRetry(task: JsonObject, context: TaskContext): JsonObject {
  const spread = mapField(task, "retry", (retry) => {
    if (isRetryCount(retry)) return { max_attempts: retry + 1 };
    return isObject(retry) ? withoutNulls(retry) : retry;
  });
  const level = spread["level"];
  if (!isObject(level) || level["type"] !== "mechanical") return spread;
  const retries = level["retry"];
  const policy = spread["retry"] ?? {};
  if (!isRetryCount(retries) || !isObject(policy)) return spread;
  const max_attempts = policy["max_attempts"] ?? retries + 1;
  if (max_attempts !== retries + 1) warnOfRetry(retries, max_attempts, context);
  return { ...spread, level: without(level, "retry"), retry: { ...policy, max_attempts } };
}

function warnOfRetry(retries: number, maxAttempts: unknown, context: TaskContext): void {
  context.findings.warnings.push({
    path: pathTo(context, "level", "retry"),
    code: "ignored_field",
    message: `retry.max_attempts (${quote(maxAttempts)}) decides; ` +
      `level.retry (${retries}) would mean ${retries + 1} attempts`,
  });
}

/**
 * A task that is meant for another node must not run here unnoticed. Naming the DAG's own
 * node again, or any node, says nothing new.
 */
function dropTargetNode(task: JsonObject, context: TaskContext): JsonObject {
  const node = task["target_node"];
  if (node === undefined) return task;
  if (node !== "*" && node !== context.targetNode) {
    report(context, "target_node", [
      "unsupported_field",
      `${nameOf(task, context)} is meant for the node ${quote(node)}, but all tasks of a DAG ` +
      'run on one node; split the DAG and give each part a "target_node" of its own',
    ]);
  }
  return without(task, "target_node");
}

/** The fields that give away a task's type. */
const TELLTALE_FIELDS = new Map<string, string>([
  ["command", "shell"],
  ["module", "deno"],
  ["script", "deno"],
  ["request", "http"],
  ["skill", "skill"],
]);

/** What the older format called the skill that runs a command. */
const SHELL_SKILLS: readonly unknown[] = ["shell", "shell-exec"];

function inferType(task: JsonObject, context: TaskContext): JsonObject {
  if (SHELL_SKILLS.includes(task["skill"]) && (task["type"] ?? "shell") === "shell") {
    return shellFromSkill(task, context);
  }
  if (task["type"] !== undefined) return task;
  const telltales = [...TELLTALE_FIELDS.keys()].filter((field) => field in task);
  const types = new Set(telltales.map((field) => TELLTALE_FIELDS.get(field)));
  const [type] = types;
  if (types.size > 1) {
    const message = `${nameOf(task, context)} has no "type", and its fields ` +
      `${telltales.join(", ")} fit more than one; give the "type"`;
    report(context, "type", ["ambiguous_type", message]);
  } else if (type === "shell" && isForAgent(task)) {
    const message = `${nameOf(task, context)} has no "type", and its command may be meant for ` +
      'an AI agent; give "type": "shell" if it is a shell command';
    report(context, "type", ["ambiguous_type", message]);
  }
  return type === undefined ? task : { type, ...task };
}

function shellFromSkill(task: JsonObject, context: TaskContext): JsonObject {
  if (!("command" in task)) {
    const message = `${nameOf(task, context)} is a shell task without a command; add command = "…"`;
    report(context, "command", ["missing_field", message]);
  }
  return { ...without(task, "skill"), type: "shell" };
}

function isForAgent(task: JsonObject): boolean {
  return ["agent", ...AGENT_FIELDS].some((field) => field in task);
}

function refuseFields(task: JsonObject, context: TaskContext): JsonObject {
  const refused = [...REFUSED_FIELDS].filter(([field]) => field in task);
  for (const [field, advice] of refused) {
    const message = `"${field}" has no meaning here: ${advice}`;
    report(context, field, ["unsupported_field", message]);
  }
  return without(task, ...refused.map(([field]) => field));
}

function dropAgentFields(task: JsonObject, context: TaskContext): JsonObject {
  for (const field of AGENT_FIELDS) {
    if (!(field in task)) continue;
    const entry = context.ignored.get(field) ?? { path: pathTo(context, field), tasks: [] };
    entry.tasks.push(typeof task["id"] === "string" ? task["id"] : pathTo(context));
    context.ignored.set(field, entry);
  }
  return without(task, ...AGENT_FIELDS);
}
