/** The tasks of a DAG, put together by what they may touch. Pure. */
import type { DagSpec, TaskSpec } from "../schema/dag_spec.ts";
import { shellRollbacks } from "../schema/rollback_task.ts";
import { effectivePermissions, type ScopeGround } from "./effective_permissions.ts";
import type { MachineWalls } from "./walls.ts";
import { wallsFor } from "./task_grant.ts";
import { taskRefusals } from "./task_refusals.ts";

/** The parts of a DAG that decide what it touches. */
export type TouchingSpec = Pick<DagSpec, "scope" | "tasks">;

/** Tasks of one type that may touch the same. */
export interface TaskGroup {
  readonly type: TaskSpec["type"];
  readonly tasks: readonly TaskSpec[];
  readonly permissions: ReturnType<typeof effectivePermissions>["permissions"];
  readonly walls: "bubblewrap" | "none";
  /** Why they may not start; empty: they may. */
  readonly refusals: readonly string[];
}

/**
 * Groups tasks of one type that may touch the same, in the order of their first ones. Rollbacks of
 * tasks that aren't shell tasks come after them, under ids that say so.
 */
export function groupTasks(
  spec: TouchingSpec,
  scope: ScopeGround,
  walls: MachineWalls,
): TaskGroup[] {
  const groups = new Map<string, TaskGroup & { tasks: TaskSpec[] }>();
  const rollbacks = shellRollbacks(spec.tasks)
    .map((task) => ({ ...task, id: `${task.id} (rollback)` }));
  for (const task of [...spec.tasks, ...rollbacks]) {
    const { permissions } = effectivePermissions(task, scope);
    const refusals = taskRefusals(task, scope, walls).map(({ what }) => what);
    const own = wallsFor(task, scope.policy, walls);
    const key = JSON.stringify([task.type, permissions, own, refusals]);
    const known = groups.get(key);
    if (known !== undefined) known.tasks.push(task);
    else {
      groups.set(key, { type: task.type, tasks: [task], permissions, walls: own, refusals });
    }
  }
  return [...groups.values()];
}
