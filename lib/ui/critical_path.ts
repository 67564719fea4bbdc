/** Which tasks a run's length came from. Pure. */

/** As much of a task as is needed. */
export interface TimedTask {
  readonly task_id: string;
  readonly depends_on: readonly string[];
  /** ISO 8601. */
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

/**
 * The chain of tasks that decided when the run ended, or how far it is: from the task that ended last
 * (or still runs) back along those that were waited for the longest. Making any other task faster
 * would not have changed anything.
 * @returns ids in the order in which they ran; empty before anything has started
 */
export function criticalPath(tasks: readonly TimedTask[]): string[] {
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  const begun = tasks.filter((task) => task.started_at !== null);
  const path: string[] = [];
  for (let task = lastToEnd(begun); task !== undefined;) {
    path.push(task.task_id);
    // A circle can't be published; one that came all the same must not hang a page.
    if (path.length > tasks.length) break;
    task = lastToEnd(task.depends_on.flatMap((id) => {
      const before = byId.get(id);
      return before === undefined || before.started_at === null ? [] : [before];
    }));
  }
  return path.reverse();
}

function lastToEnd(tasks: readonly TimedTask[]): TimedTask | undefined {
  let last: TimedTask | undefined;
  for (const task of tasks) if (last === undefined || endOf(task) > endOf(last)) last = task;
  return last;
}

/** What still runs ends after everything else; of two that run, the one that began first is ahead. */
function endOf({ started_at, finished_at }: TimedTask): number {
  if (finished_at !== null) return Date.parse(finished_at);
  return Number.MAX_SAFE_INTEGER - Date.parse(started_at ?? "");
}
