/** Which of several ready tasks starts first. */
import type { TaskSpec } from "../schema/dag_spec.ts";
import { dependants, topologicalOrder } from "../schema/graph.ts";

/** How long each task took when its DAG last completed, in milliseconds, by its id. */
export type KnownTimes = ReadonlyMap<string, number>;

const NOTHING_KNOWN: KnownTimes = new Map();

/**
 * The indexes of the tasks in the order in which they start when several are ready: those with the
 * longest time behind them first, since the run can't end before that chain has; then by id. So the
 * order of the tasks in the file means nothing.
 * @param known what isn't in it counts as long as the others on average; with nothing known, the
 * number of tasks in a chain is what counts
 */
export function startOrder(
  tasks: readonly TaskSpec[],
  known: KnownTimes = NOTHING_KNOWN,
): number[] {
  const after = dependants(tasks);
  const usual = meanOf(known);
  const chains = new Map<string, number>();
  for (const id of topologicalOrder(tasks).reverse()) {
    let behind = 0;
    for (const next of after.get(id) ?? []) behind = Math.max(behind, chains.get(next) ?? 0);
    chains.set(id, behind + (known.get(id) ?? usual));
  }
  const keys = tasks.map(({ id }, index) => ({ id, index, length: chains.get(id) ?? 0 }));
  keys.sort((a, b) => b.length - a.length || (a.id < b.id ? -1 : 1));
  return keys.map(({ index }) => index);
}

function meanOf(known: KnownTimes): number {
  if (known.size === 0) return 1;
  let sum = 0;
  for (const time of known.values()) sum += time;
  return sum / known.size;
}
