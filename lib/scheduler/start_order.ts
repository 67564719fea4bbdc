/** Which of several ready tasks starts first. */
import type { TaskSpec } from "../schema/dag_spec.ts";
import { dependants, topologicalOrder } from "../schema/graph.ts";

/**
 * The indexes of the tasks in the order in which they start when several are ready: those with the
 * longest chain of tasks behind them first, since the run can't end before that chain has; then by
 * id. So the order of the tasks in the file means nothing.
 */
export function startOrder(tasks: readonly TaskSpec[]): number[] {
  const after = dependants(tasks);
  const behind = new Map<string, number>();
  for (const id of topologicalOrder(tasks).reverse()) {
    let longest = 0;
    for (const next of after.get(id) ?? []) {
      longest = Math.max(longest, 1 + (behind.get(next) ?? 0));
    }
    behind.set(id, longest);
  }
  const keys = tasks.map(({ id }, index) => ({ id, index, length: behind.get(id) ?? 0 }));
  keys.sort((a, b) => b.length - a.length || (a.id < b.id ? -1 : 1));
  return keys.map(({ index }) => index);
}
