/** Addresses of pages of runs. */

/** The page of a run. */
export function runPath(runId: string): string {
  return `/runs/${encodeURIComponent(runId)}`;
}

/** The page of a task of a run. */
export function taskPath(runId: string, taskId: string): string {
  return `${runPath(runId)}/tasks/${encodeURIComponent(taskId)}`;
}
