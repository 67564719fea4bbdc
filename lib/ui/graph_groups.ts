/** Makes a graph of many tasks one of few boxes, so that it can be drawn and read. Pure. */
import type { GraphTask } from "../schema/graph.ts";

/** A box: one task, or several that are alike. */
export interface GraphNode {
  /** Id of its first task. */
  readonly id: string;
  readonly task_ids: readonly string[];
  /** Ids of the boxes before it. */
  readonly depends_on: readonly string[];
}

/** One box for each task. */
export function eachAlone(tasks: readonly GraphTask[]): GraphNode[] {
  return grouped(tasks, ({ id }) => id);
}

/** One box for all tasks that wait for the same and are waited for by the same. */
export function alikeTogether(tasks: readonly GraphTask[]): GraphNode[] {
  const after = new Map(tasks.map(({ id }): [string, string[]] => [id, []]));
  for (const { id, depends_on } of tasks) {
    for (const before of depends_on) after.get(before)?.push(id);
  }
  return grouped(
    tasks,
    ({ id, depends_on }) => JSON.stringify([depends_on.toSorted(), after.get(id)?.toSorted()]),
  );
}

/** One box for all tasks that are equally far from the beginning. @param order ids, each after all that it depends on */
export function stagesOf(tasks: readonly GraphTask[], order: readonly string[]): GraphNode[] {
  const stages = stageNumbers(tasks, order);
  return grouped(tasks, ({ id }) => String(stages.get(id)));
}

/** As {@linkcode stagesOf}, with neighbouring stages together until only `most` boxes are left. */
export function bandsOf(
  tasks: readonly GraphTask[],
  { order, most }: { order: readonly string[]; most: number },
): GraphNode[] {
  const stages = stageNumbers(tasks, order);
  const count = 1 + [...stages.values()].reduce((last, stage) => Math.max(last, stage), 0);
  const height = Math.max(1, Math.ceil(count / most));
  return grouped(tasks, ({ id }) => String(Math.floor((stages.get(id) ?? 0) / height)));
}

/** How far each task is from the beginning. */
function stageNumbers(
  tasks: readonly GraphTask[],
  order: readonly string[],
): ReadonlyMap<string, number> {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const stages = new Map<string, number>();
  for (const id of order) {
    const before = byId.get(id)?.depends_on ?? [];
    stages.set(id, before.reduce((most, other) => Math.max(most, (stages.get(other) ?? 0) + 1), 0));
  }
  return stages;
}

function grouped(tasks: readonly GraphTask[], keyOf: (task: GraphTask) => string): GraphNode[] {
  const groups = Map.groupBy(tasks, keyOf);
  const boxOf = new Map<string, string>();
  for (const members of groups.values()) {
    for (const { id } of members) boxOf.set(id, members[0]?.id ?? id);
  }
  return [...groups.values()].map((members) => {
    const id = members[0]?.id ?? "";
    const before = members.flatMap(({ depends_on }) => depends_on.map((other) => boxOf.get(other)));
    const depends_on = [...new Set(before)].filter((other) => other !== undefined && other !== id);
    return { id, task_ids: members.map((task) => task.id), depends_on: depends_on as string[] };
  });
}
