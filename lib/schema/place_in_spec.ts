/**
 * A place in a spec for who reads the DAG and not its text: `tasks[2].secrets[0]` is "hook: secrets".
 * Other places stay as they are.
 * @param tasks of the spec, in its order
 */
export function placeInSpec(path: string, tasks: readonly { readonly id: string }[]): string {
  const [, index, field = ""] = /^tasks\[(\d+)\](?:\.(\w+).*)?$/.exec(path) ?? [];
  const task = index === undefined ? undefined : tasks[Number(index)];
  if (task === undefined) return path;
  return field === "" ? task.id : `${task.id}: ${field}`;
}
