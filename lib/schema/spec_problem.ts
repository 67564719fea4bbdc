import { z } from "zod";

/**
 * Every code that a problem in a document can carry, with what it means. Programs may
 * rely on the codes; the messages are for people and may change.
 */
export const PROBLEM_CODES = {
  syntax_error: "the text is not JSON, TOML or YAML; the message has line and column",
  duplicate_key: "a key occurs twice in one object of the text",
  not_an_object: "the document is not an object",
  not_json: "a value that JSON cannot express: a date, NaN, an infinity",
  too_deep: "nested deeper than 64 levels",
  too_large: "larger than allowed once YAML aliases are followed",
  forbidden_key: "a key named __proto__",
  bad_text: "a string with a NUL character or half a surrogate pair",
  unknown_field: "no such field here",
  field_of_other_type: "the field belongs to another type of task, level or scope",
  unsupported_field: "a field of an older format that cannot be honoured here",
  conflicting_fields: "two spellings of one field, with different values",
  missing_field: "a required field is absent",
  wrong_type: "the value is of the wrong JSON type",
  bad_value: "the value is not one of the allowed ones",
  out_of_range: "a number, length or list size outside its limits",
  bad_id: "the value does not match the pattern for ids",
  bad_env_name: "not the name of an environment variable",
  reserved_name: "a name starting with CIS_, which the system sets itself",
  bad_path: "a path that is absolute or leaves the workspace",
  bad_duration: "not a duration",
  bad_size: "not a size",
  bad_cron: "not a cron expression, or one that never fires",
  bad_timezone: "not a time zone",
  bad_url: "not an absolute http or https URL without credentials",
  bad_header: "not an HTTP header name or value",
  ambiguous_type: "the task has no type and its fields fit more than one",
  ambiguous_scope: "no scope is given and the tasks name more than one",
  empty_tasks: "there are no tasks",
  too_many_tasks: "more tasks than the limit",
  duplicate_id: "two tasks share an id",
  duplicate_value: "a list names one thing twice",
  unknown_dependency: "depends_on names no task of this DAG",
  self_dependency: "a task depends on itself",
  cycle: "tasks wait for each other in a circle; the message has the path",
  not_permitted: "the policy of the scope does not allow what the task asks for",
  more_problems: "the list of problems was cut at its limit",
} as const;

/** A stable, machine-readable name of one kind of problem. */
export type ProblemCode = keyof typeof PROBLEM_CODES;

/**
 * One thing that is wrong with a document. `path` is written in canonical spelling, as
 * in `tasks[3].depends_on[0]`; the empty path is the document itself.
 */
export const Problem = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type Problem = z.infer<typeof Problem>;

/** Something the author should know that does not stop the document. */
export const Warning = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type Warning = z.infer<typeof Warning>;

/** What a step of the parser has found so far. Steps add to it. */
export interface Findings {
  problems: Problem[];
  warnings: Warning[];
}

/** Makes a problem with a code from the catalogue. */
export function problem(path: string, code: ProblemCode, message: string): Problem {
  return { path, code, message };
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/**
 * Writes a path as text: `["tasks", 3, "env", "a b"]` is `tasks[3].env["a b"]`.
 */
export function formatPath(segments: readonly PropertyKey[]): string {
  let text = "";
  for (const segment of segments) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (!PLAIN_KEY.test(String(segment))) text += `[${JSON.stringify(String(segment))}]`;
    else text += text === "" ? String(segment) : `.${String(segment)}`;
  }
  return text;
}
