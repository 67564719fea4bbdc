import { DagSpec, ExpectedVersion } from "./dag_spec.ts";
import { decodeText, type SpecFormat } from "./decode_text.ts";
import { toCanonicalSpelling } from "./dialect.ts";
import { isObject, type JsonObject } from "./dialect_fields.ts";
import { graphProblems } from "./graph_problems.ts";
import { notYetEffective } from "./not_yet.ts";
import { checkPlainJson } from "./plain_json.ts";
import { quote } from "./quote.ts";
import { inferScope, type Scope, type ScopeSource } from "./scope.ts";
import { requestSecrets } from "./request_secrets.ts";
import { specHash } from "./spec_hash.ts";
import { parseBySchema } from "./spec_issue.ts";
import { outlineOf, type SpecOutline } from "./spec_outline.ts";
import { type Findings, type Problem, problem, type Warning } from "./spec_problem.ts";

/** How many tasks a DAG may have unless configured otherwise. */
export const DEFAULT_MAX_TASKS = 10_000;

/** How many problems are told; a generated file can have one on every line. */
export const MAX_PROBLEMS = 1_000;

/** Options of {@linkcode parseSpecDocument}. */
export interface ParseOptions {
  /** 10,000 by default. */
  maxTasks?: number;
  /** Used where the document has no `dag_id`, for instance the name of its file. */
  dagId?: string;
}

/** Options of {@linkcode parseSpecText}. */
export interface ParseTextOptions extends ParseOptions {
  /** Detected when absent. */
  format?: SpecFormat;
}

/** A canonical spec with what belongs to it, or everything that is wrong with the document. */
export type ParseResult =
  | {
    ok: true;
    spec: DagSpec;
    /** SHA-256 of the canonical spec, lower-case hex. */
    spec_hash: string;
    scope_source: ScopeSource;
    /** The version that the document expects to create; no part of the spec. */
    version?: number;
    warnings: Warning[];
  }
  | { ok: false; problems: Problem[] };

/**
 * Reads a DAG from JSON, TOML or YAML text. Never throws: what cannot be read is a
 * problem with line and column.
 */
export function parseSpecText(text: string, options: ParseTextOptions = {}): ParseResult {
  const decoded = decodeText(text, options.format);
  if (!decoded.ok) return decoded;
  return parse(decoded.document, { ...options, maxWeight: maxWeightOf(text) });
}

/** Following aliases may make a document larger than its text, but not without bounds. */
function maxWeightOf(text: string): number {
  return 10 * text.length + 10_000;
}

/**
 * Reads a DAG from a document in canonical or older spelling, fills in the defaults and
 * works out scope and hash. Reports all problems at once. Never throws, and does not
 * change the document.
 */
export function parseSpecDocument(document: unknown, options: ParseOptions = {}): ParseResult {
  return parse(document, options);
}

function parse(source: unknown, options: ParseOptions & { maxWeight?: number }): ParseResult {
  const unreadable = checkPlainJson(source, options);
  if (unreadable.length > 0) return failure(unreadable);
  if (!isObject(source)) {
    return failure([problem("", "not_an_object", `a DAG is an object, not ${quote(source)}`)]);
  }
  const tooMany = tooManyTasks(source, options.maxTasks ?? DEFAULT_MAX_TASKS);
  return tooMany === undefined ? parseObject(source, options) : failure([tooMany]);
}

function parseObject(source: JsonObject, options: ParseOptions): ParseResult {
  const findings: Findings = { problems: [], warnings: [] };
  const { document, forceNew } = toCanonicalSpelling(source, findings);
  const { version, ...body } = withDagId(document, options.dagId);
  const outline = outlineOf(body);
  const { scope, source: scope_source } = scopeOf(body, { outline, forceNew, findings });
  const expected = parseBySchema(ExpectedVersion.optional(), version);
  const parsed = parseBySchema(DagSpec, { ...body, scope });
  const problems = [
    ...findings.problems,
    ...(expected.ok ? [] : expected.problems.map((p) => ({ ...p, path: "version" }))),
    ...(parsed.ok ? [] : parsed.problems),
    ...graphProblems(outline.tasks),
  ];
  if (!parsed.ok || !expected.ok || problems.length > 0) return failure(problems);
  return {
    ok: true,
    spec: parsed.data,
    spec_hash: specHash(parsed.data),
    scope_source,
    ...(expected.data === undefined ? {} : { version: expected.data }),
    warnings: [
      ...findings.warnings,
      ...notYetEffective(parsed.data),
      ...requestSecrets(parsed.data),
    ],
  };
}

/** Looked at before anything else: what is far too large is not worth more work. */
function tooManyTasks(source: JsonObject, maxTasks: number): Problem | undefined {
  const places = [source["tasks"], isObject(source["dag"]) ? source["dag"]["tasks"] : undefined];
  const count = Math.max(...places.map((tasks) => Array.isArray(tasks) ? tasks.length : 0));
  if (count <= maxTasks) return undefined;
  return problem(
    "tasks",
    "too_many_tasks",
    `${count} tasks are more than the limit of ${maxTasks}`,
  );
}

function withDagId(document: JsonObject, dagId: string | undefined): JsonObject {
  return dagId === undefined || "dag_id" in document ? document : { dag_id: dagId, ...document };
}

interface ScopeContext {
  outline: SpecOutline;
  forceNew: boolean;
  findings: Findings;
}

/** The scope that the document gives, still unchecked, or the inferred one. */
function scopeOf(
  document: JsonObject,
  { outline, forceNew, findings }: ScopeContext,
): { scope: unknown; source: ScopeSource } {
  if ("scope" in document) return { scope: document["scope"], source: "spec" };
  const inferred = inferScope(outline);
  if (inferred.problem !== undefined) findings.problems.push(inferred.problem);
  return { scope: withForceNew(inferred.scope, forceNew, findings), source: inferred.source };
}

function withForceNew(scope: Scope, forceNew: boolean, findings: Findings): Scope {
  if (!forceNew) return scope;
  if (scope.type === "project") return { ...scope, reuse_worker: false };
  const message =
    `only a project can have a new worker for each run, and the scope is ${scope.type}`;
  findings.problems.push(problem("force_new", "unsupported_field", message));
  return scope;
}

/** One problem for each place, the first found, and not more of them than anybody reads. */
function failure(problems: readonly Problem[]): ParseResult {
  const byPath = new Map<string, Problem>();
  for (const found of problems) if (!byPath.has(found.path)) byPath.set(found.path, found);
  const all = [...byPath.values()];
  if (all.length <= MAX_PROBLEMS) return { ok: false, problems: all };
  const message = `${all.length - MAX_PROBLEMS} more problems are not listed; correct these first`;
  const cut = problem("", "more_problems", message);
  return { ok: false, problems: [...all.slice(0, MAX_PROBLEMS), cut] };
}
