/** How soon a DAG could be done at all, to hold the time that it took against. */

/** A task, with the time that it took. */
export interface TimedTask {
  readonly id: string;
  readonly depends_on: readonly string[];
  readonly ms: number;
}

/**
 * No schedule is shorter than the longest chain, nor than all work spread over the slots. Often
 * there is none that reaches this either.
 */
export function lowerBound(tasks: readonly TimedTask[], slots: number): number {
  const work = tasks.reduce((sum, { ms }) => sum + ms, 0);
  return Math.max(...chains(tasks).values(), work / slots);
}

/**
 * The time of a scheduler that loses none between tasks and knows beforehand how long each will take:
 * whenever a slot is free, the ready task with the longest chain behind it starts.
 */
export function foresightedTime(tasks: readonly TimedTask[], slots: number): number {
  const chain = chains(tasks);
  const missing = new Map(tasks.map(({ id, depends_on }) => [id, depends_on.length]));
  const dependants = dependantsOf(tasks);
  const byChain = (a: TimedTask, b: TimedTask): number =>
    (chain.get(b.id) ?? 0) - (chain.get(a.id) ?? 0);
  const ready = tasks.filter(({ depends_on }) => depends_on.length === 0).sort(byChain);
  const running: { readonly until: number; readonly task: TimedTask }[] = [];
  let now = 0;
  for (;;) {
    while (running.length < slots && ready[0] !== undefined) {
      const task = ready.shift() as TimedTask;
      running.push({ until: now + task.ms, task });
    }
    const next = running.sort((a, b) => a.until - b.until).shift();
    if (next === undefined) return now;
    now = next.until;
    for (const each of dependants.get(next.task.id) ?? []) {
      const left = (missing.get(each.id) ?? 0) - 1;
      missing.set(each.id, left);
      if (left === 0) ready.push(each);
    }
    ready.sort(byChain);
  }
}

/** For each task, how long it and the longest chain of what depends on it take. */
function chains(tasks: readonly TimedTask[]): Map<string, number> {
  const dependants = dependantsOf(tasks);
  const known = new Map<string, number>();
  const chainOf = ({ id, ms }: TimedTask): number => {
    const found = known.get(id) ?? ms + Math.max(0, ...(dependants.get(id) ?? []).map(chainOf));
    known.set(id, found);
    return found;
  };
  for (const task of tasks) chainOf(task);
  return known;
}

function dependantsOf(tasks: readonly TimedTask[]): Map<string, TimedTask[]> {
  const found = new Map<string, TimedTask[]>(tasks.map(({ id }) => [id, []]));
  for (const task of tasks) for (const id of task.depends_on) found.get(id)?.push(task);
  return found;
}
