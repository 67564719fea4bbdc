/** What is carried out to roll a task back. */
import type { TaskSpec } from "./dag_spec.ts";

/** Time that a rollback has whose task has no timeout. */
export const ROLLBACK_TIMEOUT = "5m";

/** The rollback of a task as a task: its commands in one shell, up to the first that fails. */
export function rollbackTask(task: TaskSpec): TaskSpec {
  const { id, name, depends_on, run_if, env, secrets, cwd, retry, level, on_failure } = task;
  const { rollback, idempotent, permissions, resources, timeout = ROLLBACK_TIMEOUT } = task;
  return {
    ...{ id, name, depends_on, run_if, env, secrets, cwd, retry, level, on_failure },
    ...{ rollback, idempotent, permissions, resources, timeout },
    type: "shell",
    command: ["set -e", ...rollback].join("\n"),
  };
}

/** The rollbacks that need other permissions than their tasks do, since these aren't shell tasks. */
export function shellRollbacks(tasks: readonly TaskSpec[]): TaskSpec[] {
  return tasks.filter(({ type, rollback }) => type !== "shell" && rollback.length > 0)
    .map(rollbackTask);
}
