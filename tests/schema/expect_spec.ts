import assert from "node:assert/strict";
import type { DagSpec, TaskSpec } from "../../lib/schema/dag_spec.ts";
import { type ParseOptions, parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import type { Problem, Warning } from "../../lib/schema/spec_problem.ts";

/** A document with one task, where each may be given further fields. */
export function dagWith(
  dag: Record<string, unknown> = {},
  task: Record<string, unknown> = {},
): Record<string, unknown> {
  return { dag_id: "d", tasks: [{ id: "a", type: "shell", command: "true", ...task }], ...dag };
}

/** The canonical spec of a document that must be in order. */
export function specOf(document: unknown, options?: ParseOptions): DagSpec {
  const result = parseSpecDocument(document, options);
  assert.ok(result.ok, JSON.stringify(result));
  return result.spec;
}

/** The first task of a document that must be in order. */
export function taskOf(document: unknown): TaskSpec {
  const [task] = specOf(document).tasks;
  assert.ok(task);
  return task;
}

/** The hash of a document that must be in order. */
export function hashOf(document: unknown): string {
  const result = parseSpecDocument(document);
  assert.ok(result.ok, JSON.stringify(result));
  return result.spec_hash;
}

/** The warnings of a document that must be in order. */
export function warningsOf(document: unknown, options?: ParseOptions): Warning[] {
  const result = parseSpecDocument(document, options);
  assert.ok(result.ok, JSON.stringify(result));
  return result.warnings;
}

/** The problems of a document that must have some. */
export function problemsOf(document: unknown, options?: ParseOptions): Problem[] {
  const result = parseSpecDocument(document, options);
  assert.equal(result.ok, false, "the document was accepted");
  return result.ok ? [] : result.problems;
}

/** The problems as `path code`, sorted. */
export function faultsOf(document: unknown, options?: ParseOptions): string[] {
  return problemsOf(document, options).map(({ path, code }) => `${path} ${code}`).sort();
}
