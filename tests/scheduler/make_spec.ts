/** Specs for tests, through the real parser. */
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import type { ParsedSpec } from "../../lib/scheduler/parsed_spec.ts";
import type { DagSpec } from "../../lib/schema/dag_spec.ts";

/** Parses a document that must be without problems. */
export function parsed(document: object): ParsedSpec {
  // As it would arrive: what is undefined isn't there.
  const result = parseSpecDocument(JSON.parse(JSON.stringify(document)));
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
    ...(Array.isArray(task) ? { command: "true", depends_on: task } : withCommand(task)),
  }));
  return parsed({ dag_id: "d", scope: { type: "global" }, tasks: list, ...more }).spec;
}

/** Gives a task without a type of its own something to do. */
function withCommand(task: object): object {
  if ("type" in task && task.type !== "shell") {
    const { command: _none, ...rest } = { command: undefined, ...task };
    return rest;
  }
  return { command: "true", ...task };
}
