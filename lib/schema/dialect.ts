import {
  foldNames,
  isObject,
  type JsonObject,
  mapField,
  mapObject,
  sameJson,
  without,
  withoutEmpty,
  withoutNulls,
} from "./dialect_fields.ts";
import { canonicalTask, type IgnoredFields, renameTimeout } from "./dialect_task.ts";
import { listFew, quote } from "./quote.ts";
import { type Findings, problem } from "./spec_problem.ts";
import { didYouMean } from "./suggest.ts";

/** A document in canonical spelling, not yet held against the schema. */
export interface Dialect {
  document: JsonObject;
  /** `force_new` was given for the DAG as a whole, which has no scope of its own. */
  forceNew: boolean;
}

/**
 * Turns the older spellings of a DAG into the canonical one: documents wrapped in
 * `[skill]` and `[dag]`, older names of fields, PascalCase names, numbers and bare strings
 * that stand for an object. What it finds it adds to `findings`.
 *
 * @param source plain JSON; it is not changed
 */
export function toCanonicalSpelling(source: JsonObject, findings: Findings): Dialect {
  let document = withoutNulls(unwrap(source, findings));
  document = withoutEmpty(document, "description");
  document = renameTimeout(document, findings, []);
  document = foldNames(document, "policy");
  document = mapField(document, "schedule", canonicalSchedule);
  document = dropTodo(document, findings);
  document = allowDebts(canonicalTasks(document, findings));
  return canonicalScope(document, findings);
}

/** The fields that say what the file is; they do not change what the DAG does. */
const IGNORED_SKILL_FIELDS = ["version", "author"] as const;
const SKILL_FIELDS = ["name", "description", "type", ...IGNORED_SKILL_FIELDS] as const;

/** Lifts the contents of `[skill]` and `[dag]` to the top. */
function unwrap(source: JsonObject, findings: Findings): JsonObject {
  const skill = section(source, "skill", findings);
  const dag = section(source, "dag", findings);
  const lifted = mergeSections(without(source, "skill", "dag"), dag, findings);
  reportSkill(skill, findings);
  const named = skill["name"] === undefined ? {} : { dag_id: skill["name"] };
  const described = skill["description"] === undefined ? {} : { description: skill["description"] };
  return { ...named, ...described, ...withoutNulls(lifted) };
}

function section(source: JsonObject, name: string, findings: Findings): JsonObject {
  const value = source[name] ?? {};
  if (isObject(value)) return withoutNulls(value);
  findings.problems.push(problem(name, "wrong_type", `must be an object, not ${quote(value)}`));
  return {};
}

function mergeSections(top: JsonObject, dag: JsonObject, findings: Findings): JsonObject {
  for (const field of Object.keys(dag)) {
    if (!Object.hasOwn(top, field) || sameJson(top[field], dag[field])) continue;
    const message = `"${field}" is given at the top and in "dag", with different values`;
    findings.problems.push(problem(field, "conflicting_fields", message));
  }
  return { ...top, ...dag };
}

function reportSkill(skill: JsonObject, findings: Findings): void {
  const { type } = skill;
  if (type !== undefined && type !== "dag") {
    const message = `this describes a skill of type ${quote(type)}, not a DAG`;
    findings.problems.push(problem("skill.type", "bad_value", message));
  }
  const known: readonly string[] = SKILL_FIELDS;
  for (const field of Object.keys(skill).filter((field) => !known.includes(field))) {
    const message = `there is no field ${quote(field)} here${didYouMean(field, known)}`;
    findings.problems.push(problem(`skill.${field}`, "unknown_field", message));
  }
  for (const field of IGNORED_SKILL_FIELDS.filter((field) => field in skill)) {
    const message = `ignored: skill.${field} describes the file and does not change the DAG`;
    findings.warnings.push({ path: `skill.${field}`, code: "ignored_field", message });
  }
}

function canonicalSchedule(schedule: unknown): unknown {
  if (typeof schedule === "string") return { cron: schedule };
  return isObject(schedule) ? foldNames(withoutNulls(schedule), "overlap") : schedule;
}

const TODO_FIELDS = ["todo", "todo_list"] as const;

function dropTodo(document: JsonObject, findings: Findings): JsonObject {
  for (const field of TODO_FIELDS.filter((field) => field in document)) {
    const message = `ignored: "${field}" is a list of notes and runs nothing`;
    findings.warnings.push({ path: field, code: "ignored_field", message });
  }
  return without(document, ...TODO_FIELDS);
}

function canonicalTasks(document: JsonObject, findings: Findings): JsonObject {
  const { tasks, target_node: targetNode } = document;
  if (!Array.isArray(tasks)) return document;
  const ignored: IgnoredFields = new Map();
  const canonical = tasks.map((task: unknown, index) =>
    canonicalTask(task, { index, findings, ignored, targetNode })
  );
  for (const [field, { path, tasks }] of ignored) {
    const message = `ignored: "${field}" asks for an AI agent, and none is used here ` +
      `(tasks: ${listFew(tasks)})`;
    findings.warnings.push({ path, code: "ignored_field", message });
  }
  return { ...document, tasks: canonical };
}

/** Under `allow_debt` a failure is one that may pass, unless the task says otherwise. */
function allowDebts(document: JsonObject): JsonObject {
  if (document["policy"] !== "allow_debt") return document;
  return mapField(
    document,
    "tasks",
    (tasks) =>
      Array.isArray(tasks)
        ? tasks.map((task: unknown) => isObject(task) ? { on_failure: "ignorable", ...task } : task)
        : tasks,
  );
}

function canonicalScope(document: JsonObject, findings: Findings): Dialect {
  const forceNew = readForceNew(document, "force_new", findings);
  const rest = without(document, "force_new");
  if (!("scope" in rest)) return { document: rest, forceNew: forceNew === true };
  const scoped = mapObject(rest, "scope", (scope) => {
    const folded = foldNames(withoutNulls(scope), "type");
    const inner = readForceNew(folded, "scope.force_new", findings);
    const once = applyForceNew(without(folded, "force_new"), inner, findings);
    return applyForceNew(once, forceNew, findings);
  });
  return { document: scoped, forceNew: false };
}

function readForceNew(holder: JsonObject, path: string, findings: Findings): boolean | undefined {
  const value = holder["force_new"];
  if (value === undefined || typeof value === "boolean") return value;
  const message = `must be true or false, not ${quote(value)}`;
  findings.problems.push(problem(path, "wrong_type", message));
  return undefined;
}

/** `force_new` is the opposite of `reuse_worker`; only projects have a choice. */
function applyForceNew(
  scope: JsonObject,
  forceNew: boolean | undefined,
  findings: Findings,
): JsonObject {
  if (forceNew === undefined || (scope["type"] !== "project" && !forceNew)) return scope;
  const reuse = scope["reuse_worker"];
  if (reuse === undefined) return { ...scope, reuse_worker: !forceNew };
  if (reuse === forceNew) {
    const message = '"force_new" is an older name for the opposite of "reuse_worker", and both ' +
      "are given but do not agree; keep one of them";
    findings.problems.push(problem("scope.reuse_worker", "conflicting_fields", message));
  }
  return scope;
}
