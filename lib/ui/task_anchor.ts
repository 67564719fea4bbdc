/** Id of the element that tells of a task; two DAGs of one page may have tasks of one name. */
export function taskAnchor(dagId: string, taskId: string): string {
  return `task-${dagId}-${taskId}`;
}
