/** Published versions of DAGs as the API shows them. */
import { z } from "zod";
import { DagSpec } from "./dag_spec.ts";
import { PermissionsView } from "./permissions_view.ts";
import { Priority } from "./priority.ts";
import { RunSummary } from "./run_view.ts";
import { ScheduleView } from "./schedule_view.ts";
import { Scope } from "./scope.ts";
import { RunState, VersionState } from "./states.ts";
import { MaybeTime, Time } from "./time_field.ts";

/** A remark on a spec that does not stop it, e.g. a field without effect yet. */
export const WarningView = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type WarningView = z.infer<typeof WarningView>;

/** Answer to publish and validate. */
export const PublishAnswer = z.object({
  dag_id: z.string(),
  version: z.int(),
  spec_hash: z.string(),
  status: VersionState,
  confirm_url: z.string(),
  dashboard_url: z.string(),
  expire_sec: z.number(),
  expires_at: MaybeTime,
  scope: Scope,
  scope_source: z.string(),
  worker_id: z.string(),
  room_id: z.string(),
  tasks_count: z.int(),
  schedule: ScheduleView.nullable().default(null),
  permissions: PermissionsView,
  warnings: z.array(WarningView),
});
export type PublishAnswer = z.infer<typeof PublishAnswer>;

/** One published version, without its spec. */
export const VersionView = z.object({
  dag_id: z.string(),
  version: z.int(),
  spec_hash: z.string(),
  status: VersionState,
  scope: Scope,
  scope_source: z.string(),
  worker_id: z.string(),
  priority: Priority,
  target_node: z.string().nullable(),
  description: z.string().nullable(),
  tasks_count: z.int(),
  published_by: z.string(),
  published_at: Time,
  expires_at: MaybeTime,
  decided_by: z.string().nullable(),
  decided_at: MaybeTime,
  /** Why it was rejected, in the words of who rejected it. */
  reason: z.string().nullable(),
  run_id: z.string().nullable(),
});
export type VersionView = z.infer<typeof VersionView>;

/** A version that waits, with everything a person needs to decide. */
export const PendingView = VersionView.extend({
  expires_in_sec: z.number(),
  spec: DagSpec,
  /** The newest version that was confirmed, to compare with; null: none was. */
  confirmed_version: z.int().nullable().default(null),
  schedule: ScheduleView.nullable().default(null),
  permissions: PermissionsView,
  warnings: z.array(WarningView),
});
export type PendingView = z.infer<typeof PendingView>;

export const PendingList = z.object({ count: z.int(), pending: z.array(PendingView) });
export type PendingList = z.infer<typeof PendingList>;

/** GET /api/v1/dag/{id}: one version with its spec (the newest, or `?version=`). */
export const DagView = VersionView.extend({
  spec: DagSpec,
  /** The newest version that was confirmed; null: none was. */
  confirmed_version: z.int().nullable().default(null),
  schedule: ScheduleView.nullable().default(null),
  permissions: PermissionsView,
  warnings: z.array(WarningView),
});
export type DagView = z.infer<typeof DagView>;

/** One row of GET /api/v1/dag: the newest version of each DAG and its last run. */
export const DagListItem = VersionView.extend({
  last_run: z.object({ run_id: z.string(), status: RunState, created_at: Time }).nullable(),
});
export type DagListItem = z.infer<typeof DagListItem>;

export const DagList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  dags: z.array(DagListItem),
});
export type DagList = z.infer<typeof DagList>;

export const VersionList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  versions: z.array(VersionView),
});
export type VersionList = z.infer<typeof VersionList>;

/** GET /api/v1/dag/{id}/status. `status`: the last run's where there is one for this version. */
export const DagStatus = z.object({
  dag_id: z.string(),
  version: z.int(),
  spec_hash: z.string(),
  status: z.string(),
  version_status: VersionState,
  /** Why the version was rejected, so that a better one can be published. */
  reason: z.string().nullable(),
  expires_at: MaybeTime,
  last_run: RunSummary.nullable(),
  completed_tasks: z.int(),
  total_tasks: z.int(),
  raw_data: z.record(z.string(), z.json()),
});
export type DagStatus = z.infer<typeof DagStatus>;
