/** As much of a task as the graph needs. */
export interface GraphTask {
  readonly id: string;
  readonly depends_on: readonly string[];
}

/**
 * The cycles of a graph: one for each group of tasks that wait for each other, as a
 * closed path along `depends_on`, such as `["a", "b", "a"]`. The path is a shortest one
 * through the group's first task. A task that depends on itself is not a group; ids that
 * name no task are passed over. Linear in tasks and dependencies.
 */
export function findCycles(tasks: readonly GraphTask[]): string[][] {
  const edges = new Map(tasks.map((task) => [task.id, task.depends_on]));
  return stronglyConnected(edges)
    .filter((group) => group.size > 1)
    .map((group) => shortestCycle(group, edges));
}

type Edges = ReadonlyMap<string, readonly string[]>;

/** A task on the walk, with how many of its dependencies have been followed. */
interface Visit {
  readonly id: string;
  followed: number;
}

/** The strongly connected groups, each with its tasks in document order. */
function stronglyConnected(edges: Edges): Set<string>[] {
  const search = new GroupSearch(edges);
  for (const id of edges.keys()) search.walkFrom(id);
  const groups = new Map<number, Set<string>>();
  for (const id of edges.keys()) {
    const number = search.groupOf.get(id) ?? -1;
    groups.set(number, (groups.get(number) ?? new Set<string>()).add(id));
  }
  return [...groups.values()];
}

/**
 * Tarjan's algorithm with a stack of its own: a chain of 10,000 tasks must not overflow
 * that of the engine.
 */
class GroupSearch {
  /** The number of each task's group. */
  readonly groupOf = new Map<string, number>();
  readonly #edges: Edges;
  readonly #order = new Map<string, number>();
  /** The earliest open task that each task is known to reach. */
  readonly #earliest = new Map<string, number>();
  readonly #open: string[] = [];
  readonly #walk: Visit[] = [];
  #groups = 0;

  constructor(edges: Edges) {
    this.#edges = edges;
  }

  walkFrom(root: string): void {
    if (!this.#order.has(root)) this.#enter(root);
    for (let visit = this.#walk.at(-1); visit !== undefined; visit = this.#walk.at(-1)) {
      const next = this.#edges.get(visit.id)?.[visit.followed++];
      if (next === undefined) this.#leave(visit.id);
      else if (this.#edges.has(next)) this.#follow(visit.id, next);
    }
  }

  #enter(id: string): void {
    this.#earliest.set(id, this.#order.size);
    this.#order.set(id, this.#order.size);
    this.#open.push(id);
    this.#walk.push({ id, followed: 0 });
  }

  #follow(id: string, next: string): void {
    if (!this.#order.has(next)) this.#enter(next);
    else if (!this.groupOf.has(next)) this.#reach(id, this.#order.get(next));
  }

  #leave(id: string): void {
    this.#walk.pop();
    if (this.#earliest.get(id) === this.#order.get(id)) this.#closeGroup(id);
    const parent = this.#walk.at(-1);
    if (parent !== undefined) this.#reach(parent.id, this.#earliest.get(id));
  }

  #reach(id: string, order: number | undefined): void {
    const before = this.#earliest.get(id);
    if (order !== undefined && before !== undefined && order < before) {
      this.#earliest.set(id, order);
    }
  }

  #closeGroup(first: string): void {
    const members = this.#open.splice(this.#open.lastIndexOf(first));
    for (const member of members) this.groupOf.set(member, this.#groups);
    this.#groups++;
  }
}

/** Breadth first from the group's first task until an edge leads back to it. */
function shortestCycle(group: ReadonlySet<string>, edges: Edges): string[] {
  const [start = ""] = group;
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const id of queue) {
    for (const next of edges.get(id) ?? []) {
      if (next === id) continue;
      if (next === start) return [...pathTo(id, cameFrom), start];
      if (!group.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, id);
      queue.push(next);
    }
  }
  return [];
}

function pathTo(end: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const path: string[] = [];
  for (let id: string | undefined = end; id !== undefined; id = cameFrom.get(id)) path.push(id);
  return path.reverse();
}

/** For each task, the ids of the tasks that name it in `depends_on`, in document order. */
export function dependants(tasks: readonly GraphTask[]): Map<string, string[]> {
  const found = new Map<string, string[]>(tasks.map((task) => [task.id, []]));
  for (const task of tasks) {
    for (const dependency of task.depends_on) found.get(dependency)?.push(task.id);
  }
  return found;
}

/**
 * The ids in an order in which each comes after all that it depends on; among those that
 * could come next, the order of the document's readiness. Linear in tasks and
 * dependencies.
 *
 * @throws {RangeError} when the graph has a cycle or a task depends on itself
 */
export function topologicalOrder(tasks: readonly GraphTask[]): string[] {
  const after = dependants(tasks);
  const waiting = new Map(
    tasks.map((task) => [task.id, task.depends_on.filter((id) => after.has(id)).length]),
  );
  const order = tasks.filter((task) => waiting.get(task.id) === 0).map((task) => task.id);
  for (const id of order) {
    for (const dependant of after.get(id) ?? []) {
      const left = (waiting.get(dependant) ?? 0) - 1;
      waiting.set(dependant, left);
      if (left === 0) order.push(dependant);
    }
  }
  if (order.length === tasks.length) return order;
  throw new RangeError("the tasks wait for each other in a circle, so they have no order");
}
