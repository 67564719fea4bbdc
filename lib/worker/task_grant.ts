/** What an attempt gets besides its work: permissions, walls, limits, secrets. Pure. */
import type { TaskSpec } from "../schema/dag_spec.ts";
import { durationMs } from "../schema/duration.ts";
import type { Policy } from "../schema/policy.ts";
import type { TaskDispatch, TaskLimits } from "../schema/room_events.ts";
import { sizeBytes } from "../schema/size.ts";
import { effectivePermissions, type ScopeGround } from "./effective_permissions.ts";
import type { MachineWalls } from "./walls.ts";
import { taskRefusals } from "./task_refusals.ts";

/** As `TaskGrant` of the scheduler, which this file doesn't know. */
export type Granted = Pick<TaskDispatch, "permissions" | "walls" | "limits" | "secrets"> & {
  readonly maxTimeoutMs: number;
};

/** What a task that starts now gets, or why it may not start. */
export function grantFor(
  task: TaskSpec,
  scope: ScopeGround,
  walls: MachineWalls,
): Granted | { readonly refusal: string } {
  const refusals = taskRefusals(task, scope, walls);
  if (refusals.length > 0) return { refusal: refusals.map(({ what }) => what).join("; ") };
  return {
    permissions: effectivePermissions(task, scope).permissions,
    walls: wallsFor(task, scope.policy, walls),
    limits: taskLimits(task, scope.policy),
    secrets: [...task.secrets],
    maxTimeoutMs: durationMs(scope.policy.task_timeout),
  };
}

/** How the processes of a task are walled in by the operating system. */
export function wallsFor(
  { type }: TaskSpec,
  { isolation }: Policy,
  { bubblewrap }: MachineWalls,
): TaskDispatch["walls"] {
  const startsProcess = type === "shell" || type === "deno";
  return startsProcess && isolation !== "none" && bubblewrap !== null ? "bubblewrap" : "none";
}

/** Its own limits where it has some, and those of its scope where it hasn't. */
export function taskLimits({ resources = {} }: TaskSpec, policy: Policy): TaskLimits {
  return {
    memory: sizeBytes(resources.memory ?? policy.memory),
    cpu: resources.cpu ?? null,
    file_size: sizeBytes(policy.disk),
    output: sizeBytes(policy.max_output),
  };
}
