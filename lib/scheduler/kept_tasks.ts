/** What a run that takes the place of another one keeps of it. */
import type { DagSpec } from "../schema/dag_spec.ts";
import { topologicalOrder } from "../schema/graph.ts";
import type { StoredTask } from "./restore_run.ts";
import { FRESH } from "./run_state.ts";

/**
 * The tasks as a retry begins with them: what completed is kept, everything else runs again. So does
 * what was rolled back, whether that worked or not, the task `rerun`, and what was built on these.
 */
export function keepCompleted(
  spec: DagSpec,
  stored: readonly StoredTask[],
  rerun: string | null = null,
): StoredTask[] {
  const indexOf = new Map(spec.tasks.map(({ id }, index) => [id, index]));
  const undone = new Set<string>();
  for (const id of topologicalOrder(spec.tasks)) {
    const index = indexOf.get(id) ?? -1;
    const isUndone = id === rerun || stored[index]?.rollback !== null ||
      spec.tasks[index]?.depends_on.some((before) => undone.has(before));
    if (isUndone) undone.add(id);
  }
  return stored.map((task, index) =>
    task.status === "completed" && !undone.has(spec.tasks[index]?.id ?? "") ? kept(task) : FRESH
  );
}

/** The tasks as a run begins with them in which one is run again and all else stays as it ended. */
export function keepAllBut(stored: readonly StoredTask[], again: number): StoredTask[] {
  return stored.map((task, index) => index === again ? FRESH : kept(task));
}

/** The tasks of a run in which those with results have completed. @param results outputs, or null */
export function keepResults(
  spec: DagSpec,
  results: Readonly<Record<string, unknown>>,
): StoredTask[] {
  return spec.tasks.map(({ id }) =>
    id in results
      ? { ...FRESH, status: "completed", hasOutputs: (results[id] ?? null) !== null }
      : FRESH
  );
}

/** It did not end in this run, so that this run neither fails by it nor rolls it back. */
function kept(task: StoredTask): StoredTask {
  return { ...task, endedSeq: null, rollback: null };
}
