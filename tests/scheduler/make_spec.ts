/** Specs for tests, through the real parser. */
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import type { ParsedSpec } from "../../lib/scheduler/parsed_spec.ts";
import type { DagSpec } from "../../lib/schema/dag_spec.ts";

/** Parses a document that must be without problems. */
export function parsed(document: object): ParsedSpec {
  const result = parseSpecDocument(document);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
}

/** A spec from a map of task id → dependencies, or whole tasks. */
export function makeSpec(
  tasks: Record<string, readonly string[] | object>,
  more: object = {},
): DagSpec {
  const list = Object.entries(tasks).map(([id, task]) => ({
    id,
    command: "true",
    ...(Array.isArray(task) ? { depends_on: task } : task),
  }));
  return parsed({ dag_id: "d", scope: { type: "global" }, tasks: list, ...more }).spec;
}
