/** What changed between two versions of a DAG, task by task and field by field. Pure. */
import { z } from "zod";
import { canonicalJson } from "./canonical_json.ts";
import type { DagSpec } from "./dag_spec.ts";

/** A field that differs; absent on one side: null there. */
export const FieldChange = z.object({
  /** Such as `retry.max_attempts`. */
  path: z.string(),
  from: z.unknown(),
  to: z.unknown(),
});
export type FieldChange = z.infer<typeof FieldChange>;

/** All differences. Tasks are told apart by their id; their order means nothing. */
export const SpecDiff = z.object({
  /** Fields of the DAG itself. */
  dag: z.array(FieldChange),
  tasks_added: z.array(z.string()),
  tasks_removed: z.array(z.string()),
  tasks_changed: z.array(z.object({ task_id: z.string(), changes: z.array(FieldChange) })),
});
export type SpecDiff = z.infer<typeof SpecDiff>;

/** GET /api/v1/dag/{id}/diff. */
export const DagDiff = SpecDiff.extend({ dag_id: z.string(), from: z.int(), to: z.int() });
export type DagDiff = z.infer<typeof DagDiff>;

/** Compares two specs. */
export function diffSpecs(from: DagSpec, to: DagSpec): SpecDiff {
  const { tasks: oldTasks, ...oldDag } = from;
  const { tasks: newTasks, ...newDag } = to;
  const before = new Map(oldTasks.map((task) => [task.id, task]));
  const after = new Map(newTasks.map((task) => [task.id, task]));
  const changed = [...after].flatMap(([task_id, task]) => {
    const old = before.get(task_id);
    const changes = old === undefined ? [] : changesOf(old, task);
    return changes.length === 0 ? [] : [{ task_id, changes }];
  });
  return {
    dag: changesOf(oldDag, newDag),
    tasks_added: [...after.keys()].filter((id) => !before.has(id)),
    tasks_removed: [...before.keys()].filter((id) => !after.has(id)),
    tasks_changed: changed,
  };
}

/** The fields in which two values differ: down into objects, while lists are compared whole. */
function changesOf(from: unknown, to: unknown, path = ""): FieldChange[] {
  if (isRecord(from) && isRecord(to)) {
    const names = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...names].flatMap((name) =>
      changesOf(from[name], to[name], path === "" ? name : `${path}.${name}`)
    );
  }
  const [old, now] = [from ?? null, to ?? null];
  return canonicalJson(old) === canonicalJson(now) ? [] : [{ path, from: old, to: now }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
