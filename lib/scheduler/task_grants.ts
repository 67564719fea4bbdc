/** What the scheduler asks about tasks that are to start; lib/worker answers by the scope's policy. */
import type { DagSpec, TaskSpec } from "../schema/dag_spec.ts";
import type { Policy } from "../schema/policy.ts";
import type { TaskDispatch } from "../schema/room_events.ts";

/** What an attempt gets besides its work. */
export type TaskGrant = Pick<TaskDispatch, "permissions" | "walls" | "limits" | "secrets"> & {
  /** Longest that one attempt may take, in milliseconds. */
  readonly maxTimeoutMs: number | null;
};

/** The policy in force, as far as attempts are concerned. */
export interface TaskGrants {
  /**
   * What an attempt that starts now gets, or why it may not start.
   * @param published the policy that the version was published under; null: it isn't known
   */
  forTask(
    spec: DagSpec,
    task: TaskSpec,
    published: Policy | null,
  ): TaskGrant | { readonly refusal: string };
}
