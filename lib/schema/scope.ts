import { z } from "zod";
import { ScopeId } from "./ids.ts";
import { listFew, quote } from "./quote.ts";
import { scopeId, scopeKey } from "./scope_key.ts";
import { formatPath, type Problem, problem } from "./spec_problem.ts";

export { scopeKey } from "./scope_key.ts";

/** Which worker runs a DAG: DAGs of one scope share a worker, others never meet it. */
export const Scope = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("global") }),
  z.strictObject({
    type: z.literal("project"),
    project_id: ScopeId,
    /** false: each run gets a worker of its own, gone when the run is. */
    reuse_worker: z.boolean().default(true),
  }),
  z.strictObject({ type: z.literal("user"), user_id: ScopeId }),
  z.strictObject({ type: z.literal("type"), dag_type: ScopeId }),
]);
export type Scope = z.infer<typeof Scope>;

/** Which rule decided the scope, in the order in which the rules are tried. */
export const SCOPE_SOURCES = [
  "spec",
  "task_env:PROJECT_ID",
  "task_env:USER_ID",
  "task_env:SCOPE_TYPE",
  "dag_id_prefix",
  "default",
] as const;
export const ScopeSource = z.enum(SCOPE_SOURCES);
export type ScopeSource = z.infer<typeof ScopeSource>;

type ScopeType = Scope["type"];

/** Builds a scope from its type and an id whose form is not checked here. */
function makeScope(type: ScopeType, id: string): Scope {
  switch (type) {
    case "global":
      return { type };
    case "project":
      return { type, project_id: id, reuse_worker: true };
    case "user":
      return { type, user_id: id };
    case "type":
      return { type, dag_type: id };
  }
}

/**
 * Reads what {@linkcode scopeKey} writes, as in `--scope project:abc`.
 *
 * @returns the scope, reusing its worker, or undefined when the text is not a scope
 */
export function parseScopeText(text: string): Scope | undefined {
  if (text === "global") return { type: "global" };
  const match = /^(project|user|type):(.*)$/s.exec(text);
  if (match === null) return undefined;
  const parsed = Scope.safeParse(makeScope(match[1] as ScopeType, match[2] ?? ""));
  return parsed.success ? parsed.data : undefined;
}

/**
 * The name of a scope's worker: `worker-project-abc`, or `worker-project-abc-<instance>`
 * for the worker of a single run.
 *
 * @param instance 8 hex digits
 */
export function workerId(scope: Scope, instance?: string): string {
  const parts = ["worker", scope.type, scopeId(scope), instance ?? null];
  return parts.filter((part) => part !== null).join("-");
}

/** The room in which a node talks to a worker: `!worker-project-abc:node1`. */
export function roomId(workerId: string, nodeId: string): string {
  return `!${workerId}:${nodeId}`;
}

/** A scope as the database's two columns hold it. */
export interface ScopeDbFields {
  scope_type: "Global" | "Project" | "User" | "Type";
  scope_id: string | null;
}

const DB_NAMES = { global: "Global", project: "Project", user: "User", type: "Type" } as const;

/** The columns for a scope. `reuse_worker` is not among them: it is a trait of the run. */
export function toDbFields(scope: Scope): ScopeDbFields {
  return { scope_type: DB_NAMES[scope.type], scope_id: scopeId(scope) };
}

/**
 * The scope that the columns describe.
 *
 * @throws {RangeError} when the columns do not describe a scope; never global instead
 */
export function fromDbFields(
  fields: { scope_type: string; scope_id: string | null },
  options: { reuse_worker?: boolean } = {},
): Scope {
  const type = (Object.keys(DB_NAMES) as ScopeType[]).find((t) =>
    DB_NAMES[t] === fields.scope_type
  );
  const idFits = (fields.scope_id === null) === (type === "global");
  const scope = type && idFits && parseScopeText(scopeKey(makeScope(type, fields.scope_id ?? "")));
  if (!scope) {
    throw new RangeError(
      `scope_type ${quote(fields.scope_type)} with scope_id ${quote(fields.scope_id)} is no scope`,
    );
  }
  if (scope.type !== "project") return scope;
  return { ...scope, reuse_worker: options.reuse_worker ?? true };
}

/** What {@linkcode inferScope} looks at. */
export interface ScopeHints {
  dag_id: string;
  /** Counts as environment of every task; a task's own value comes first. */
  env?: Readonly<Record<string, unknown>>;
  tasks: readonly { readonly env?: Readonly<Record<string, unknown>> }[];
}

/** An inferred scope. With a `problem`, `scope` is only a stand-in and must not be used. */
export interface InferredScope {
  scope: Scope;
  source: ScopeSource;
  problem?: Problem;
}

const ENV_RULES = [
  { variable: "PROJECT_ID", type: "project", source: "task_env:PROJECT_ID" },
  { variable: "USER_ID", type: "user", source: "task_env:USER_ID" },
  { variable: "SCOPE_TYPE", type: "type", source: "task_env:SCOPE_TYPE" },
] as const;

/**
 * Infers the scope of a DAG that names none. In this order: a task's `PROJECT_ID`,
 * `USER_ID`, `SCOPE_TYPE`; the prefix of the DAG id; global.
 *
 * `proj-<id>` and `project-<id>` mean a project, `user-<id>` a user, where the id ends at
 * the next dash: `proj-abc-deploy` is project `abc`. `backup-`, `deploy-`, `test-`,
 * `build-` and `sync-` mean that type.
 *
 * A value that cannot be an id, or two tasks that name different ids, are a problem and
 * never silently another scope.
 */
export function inferScope(hints: ScopeHints): InferredScope {
  for (const rule of ENV_RULES) {
    const values = distinctEnvValues(hints, rule.variable);
    const [first, second] = values;
    if (first === undefined) continue;
    if (second !== undefined) return { ...fallback(rule.source), problem: ambiguous(values) };
    return checkedScope({ type: rule.type, source: rule.source, ...first });
  }
  return fromDagId(hints.dag_id) ?? fallback("default");
}

function fallback(source: ScopeSource): InferredScope {
  return { scope: { type: "global" }, source };
}

interface FoundValue {
  id: string;
  path: string;
}

/** Each different value that a variable has in some task, with where it was first seen. */
function distinctEnvValues(hints: ScopeHints, variable: string): FoundValue[] {
  const found = new Map<string, string>();
  const note = (env: ScopeHints["env"], prefix: PropertyKey[]): boolean => {
    const value = env !== undefined && Object.hasOwn(env, variable) ? env[variable] : undefined;
    if (typeof value !== "string") return false;
    if (!found.has(value)) found.set(value, formatPath([...prefix, "env", variable]));
    return true;
  };
  hints.tasks.forEach((task, index) => {
    if (!note(task.env, ["tasks", index])) note(hints.env, []);
  });
  return [...found].map(([id, path]) => ({ id, path }));
}

function ambiguous(values: readonly FoundValue[]): Problem {
  const names = listFew(values.map(({ id, path }) => `${quote(id)} (${path})`));
  return problem(
    "scope",
    "ambiguous_scope",
    `the tasks name more than one scope: ${names}; say which one with "scope", or split the DAG`,
  );
}

const ID_PREFIX = /^(proj|project|user)-([^-]*)/;
const TYPE_PREFIX = /^(backup|deploy|test|build|sync)-/;

function fromDagId(dagId: string): InferredScope | undefined {
  const source = "dag_id_prefix";
  const type = TYPE_PREFIX.exec(dagId)?.[1];
  if (type !== undefined) return checkedScope({ type: "type", id: type, source, path: "dag_id" });
  const match = ID_PREFIX.exec(dagId);
  if (match === null) return undefined;
  const scopeType = match[1] === "user" ? "user" : "project";
  return checkedScope({ type: scopeType, id: match[2] ?? "", source, path: "dag_id" });
}

function checkedScope(
  found: FoundValue & { type: ScopeType; source: ScopeSource },
): InferredScope {
  const parsed = Scope.safeParse(makeScope(found.type, found.id));
  if (parsed.success) return { scope: parsed.data, source: found.source };
  return {
    ...fallback(found.source),
    problem: problem(
      found.path,
      "bad_id",
      `the scope inferred from here would be ${found.type} ${quote(found.id)}, which is not an ` +
        `id of 1 to 64 letters, digits, dots, dashes or underscores; correct it or give "scope"`,
    ),
  };
}

/** Says in one sentence why a DAG has its scope, so that a person can object. */
export function describeScopeSource(source: ScopeSource, scope: Scope): string {
  const key = scopeKey(scope);
  if (source === "spec") return `The DAG itself asks for the scope ${key}.`;
  if (source === "dag_id_prefix") return `The prefix of the DAG id means the scope ${key}.`;
  if (source === "default") return `Nothing names a scope, so it is ${key}.`;
  const variable = source.slice("task_env:".length);
  return `The environment variable ${variable} means the scope ${key}.`;
}
