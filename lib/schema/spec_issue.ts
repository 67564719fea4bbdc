import { z } from "zod";
import { DagDocument, Permissions, Resources, TaskFields, TaskSpec } from "./dag_spec.ts";
import { HttpRequest } from "./http_request.ts";
import { Level } from "./level.ts";
import { listFew, quote } from "./quote.ts";
import { RetryFields } from "./retry.ts";
import { Schedule } from "./schedule.ts";
import { Scope } from "./scope.ts";
import { formatPath, type Problem, problem, type ProblemCode } from "./spec_problem.ts";
import { didYouMean } from "./suggest.ts";

/** Outcome of holding a document against a schema. */
export type SchemaResult<T> = { ok: true; data: T } | { ok: false; problems: Problem[] };

/** Parses by a schema and speaks of what is wrong in this system's codes and words. */
export function parseBySchema<T>(schema: z.ZodType<T>, document: unknown): SchemaResult<T> {
  const parsed = schema.safeParse(document, { error: messageOf, reportInput: true });
  if (parsed.success) return { ok: true, data: parsed.data };
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => toProblems(issue)) };
}

function toProblems(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownField([...issue.path, key], issue.input));
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map((inner) => simpleProblem(issue.path, inner));
  }
  if (isUnknownType(issue) && typeof issue.path.at(-2) === "number") {
    return [simpleProblem(issue.path, issue), ...otherFields(issue.path, issue.input)];
  }
  return [simpleProblem(issue.path, issue)];
}

function simpleProblem(path: readonly PropertyKey[], issue: z.core.$ZodIssue): Problem {
  const isTasks = path.length === 1 && path[0] === "tasks";
  if (isTasks && issue.code === "too_small") {
    return problem("tasks", "empty_tasks", "a DAG has at least one task");
  }
  return problem(formatPath(path), codeOf(issue), issue.message);
}

function codeOf(issue: z.core.$ZodIssue): ProblemCode {
  if (issue.code === "custom") return issue.params?.code as ProblemCode;
  const value = isUnknownType(issue) ? typeIn(issue.input) : issue.input;
  if (value === undefined) return "missing_field";
  switch (issue.code) {
    case "invalid_type":
      return "wrong_type";
    case "invalid_union":
      return isUnknownType(issue) ? "bad_value" : "wrong_type";
    case "too_big":
    case "too_small":
      return "out_of_range";
    default:
      return "bad_value";
  }
}

const EXPECTED = new Map<string, string>([
  ["array", "a list"],
  ["boolean", "true or false"],
  ["int", "a whole number"],
  ["number", "a number"],
  ["object", "an object"],
  ["record", "an object"],
  ["string", "text"],
]);

/** The message of an issue, unless the schema brought its own. */
function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type": {
      const expected = EXPECTED.get(issue.expected) ?? issue.expected;
      if (issue.input === undefined) return `is required and must be ${expected}`;
      return `must be ${expected}, not ${quote(issue.input)}`;
    }
    case "invalid_value":
      return notOneOf(issue.input, issue.values.map(String));
    case "invalid_union":
      return isUnknownType(issue)
        ? notOneOf(typeIn(issue.input), issue.options.map(String))
        : undefined;
    case "too_small":
      return `must ${sizeWord(issue.origin)} at least ${issue.minimum}`;
    case "too_big":
      return `must ${sizeWord(issue.origin)} at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

function notOneOf(value: unknown, allowed: readonly string[]): string {
  if (value === undefined) return `is required: one of ${allowed.join(", ")}`;
  const hint = typeof value === "string" ? didYouMean(value, allowed) : "";
  return `${quote(value)} is not one of ${allowed.join(", ")}${hint}`;
}

function sizeWord(origin: string): string {
  if (origin === "array") return "have a number of items of";
  return origin === "string" ? "have a length of" : "be";
}

interface UnknownType {
  code: "invalid_union";
  discriminator: string;
  options: readonly unknown[];
  input: unknown;
}

/** Whether an object's `type` is missing or names no type there is. */
function isUnknownType(issue: { code?: string }): issue is UnknownType {
  return issue.code === "invalid_union" && "discriminator" in issue;
}

function typeIn(value: unknown): unknown {
  return typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
}

/** For each field of a kind of object, the types of that object that have it. */
type FieldOwners = ReadonlyMap<string, readonly string[]>;

/** An object schema, or one of the variants of a discriminated union. */
interface ObjectSchema {
  shape: Record<string, unknown>;
}

function fieldsOf(...variants: readonly ObjectSchema[]): FieldOwners {
  const owners = new Map<string, string[]>();
  for (const { shape } of variants) {
    const type = shape["type"] instanceof z.ZodLiteral ? String(shape["type"].value) : "";
    for (const field of Object.keys(shape)) {
      owners.set(field, [...(owners.get(field) ?? []), type]);
    }
  }
  return owners;
}

const TASK_OWNERS = fieldsOf(...TaskSpec.options);

/** The fields of every object in the document, by the name of the field that holds it. */
const OWNERS = new Map<PropertyKey | undefined, FieldOwners>([
  [undefined, fieldsOf(DagDocument)],
  ["level", fieldsOf(...Level.options)],
  ["permissions", fieldsOf(Permissions)],
  ["request", fieldsOf(HttpRequest)],
  ["resources", fieldsOf(Resources)],
  ["retry", fieldsOf(RetryFields)],
  ["schedule", fieldsOf(Schedule)],
  ["scope", fieldsOf(...Scope.options)],
]);

/** Says of a field that does not belong where it is what was probably meant. */
function unknownField(path: readonly PropertyKey[], holder: unknown): Problem {
  const field = String(path.at(-1));
  const place = path.at(-2);
  const owners = (typeof place === "number" ? TASK_OWNERS : OWNERS.get(place)) ?? new Map();
  const types: readonly string[] | undefined = owners.get(field);
  if (types !== undefined) {
    const message = `"${field}" belongs to the type ${listFew(types)}; ` +
      `this is of type ${quote(typeIn(holder))}`;
    return problem(formatPath(path), "field_of_other_type", message);
  }
  const hint = didYouMean(field, owners.keys());
  return problem(
    formatPath(path),
    "unknown_field",
    `there is no field ${quote(field)} here${hint}`,
  );
}

/** What can be said of a task whose type is unknown: the fields that all tasks share. */
function otherFields(typePath: readonly PropertyKey[], task: unknown): Problem[] {
  const path = typePath.slice(0, -1);
  const parsed = TaskFields.safeParse(task, { error: messageOf, reportInput: true });
  const shared = (parsed.error?.issues ?? []).flatMap((issue) =>
    toProblems({ ...issue, path: [...path, ...issue.path] })
  );
  const unknown = Object.keys(task as object).filter((field) => !TASK_OWNERS.has(field));
  return [...shared, ...unknown.map((field) => unknownField([...path, field], task))];
}
