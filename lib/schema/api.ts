/**
 * Bodies and answers of the GLM API (contract §4), as pages, CLI, typed client and OpenAPI use them.
 * Times are ISO 8601 UTC strings; `null` means "not yet" or "none".
 * @module
 */
import { z } from "zod";
import { DagSpec } from "./dag_spec.ts";
import { DebtView } from "./debt.ts";
import { DecisionView } from "./decision.ts";
import { Priority } from "./priority.ts";
import { Role } from "./roles.ts";
import { Scope } from "./scope.ts";
import {
  AttemptKind,
  AttemptState,
  RollbackState,
  RunState,
  TaskState,
  VersionState,
  WorkerState,
} from "./states.ts";

const Time = z.string();
const MaybeTime = Time.nullable();

/** A remark on a spec that does not stop it, e.g. a field without effect yet. */
export const WarningView = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type WarningView = z.infer<typeof WarningView>;

/** What the tasks of a DAG may touch, in words for the person who decides and as data. */
export const PermissionsView = z.object({
  /** One plain sentence each: "may write: …", "may reach: …", "runs: …". */
  summary: z.array(z.string()),
  net: z.array(z.string()),
  read: z.array(z.string()),
  write: z.array(z.string()),
  env: z.array(z.string()),
  run: z.array(z.string()),
  /** How shell tasks are walled in: "bubblewrap" or "none". */
  isolation: z.string(),
});
export type PermissionsView = z.infer<typeof PermissionsView>;

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
  permissions: PermissionsView,
  warnings: z.array(WarningView),
});
export type PublishAnswer = z.infer<typeof PublishAnswer>;

export const ConfirmBody = z.strictObject({ spec_hash: z.string().optional() });
export const ConfirmAnswer = z.object({
  success: z.literal(true),
  dag_id: z.string(),
  run_id: z.string(),
  version: z.int(),
  spec_hash: z.string(),
  tasks_count: z.int(),
  message: z.string(),
});
export type ConfirmAnswer = z.infer<typeof ConfirmAnswer>;

export const RejectBody = z.strictObject({
  reason: z.string().trim().min(1).max(4000),
  spec_hash: z.string().optional(),
});
export const RejectAnswer = z.object({
  success: z.literal(true),
  dag_id: z.string(),
  version: z.int(),
  spec_hash: z.string(),
  status: VersionState,
  reason: z.string(),
  message: z.string(),
});
export type RejectAnswer = z.infer<typeof RejectAnswer>;

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
  permissions: PermissionsView,
  warnings: z.array(WarningView),
});
export type PendingView = z.infer<typeof PendingView>;
export const PendingList = z.object({ count: z.int(), pending: z.array(PendingView) });
export type PendingList = z.infer<typeof PendingList>;

/** GET /api/v1/dag/{id}: one version with its spec (the newest, or `?version=`). */
export const DagView = VersionView.extend({
  spec: DagSpec,
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

export const AttemptView = z.object({
  attempt: z.int(),
  /** What it was at: the task itself, or rolling it back. */
  kind: AttemptKind,
  status: AttemptState,
  worker_id: z.string(),
  started_at: MaybeTime,
  finished_at: MaybeTime,
  exit_code: z.int().nullable(),
  error: z.string().nullable(),
  error_code: z.string().nullable(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const TaskView = z.object({
  task_id: z.string(),
  name: z.string().nullable(),
  type: z.string(),
  status: TaskState,
  depends_on: z.array(z.string()),
  outputs: z.json(),
  error: z.string().nullable(),
  started_at: MaybeTime,
  finished_at: MaybeTime,
  /** When the next attempt is due, while the status is `retry_wait`. */
  retry_at: MaybeTime,
  /** How its rollback stands, where its run has failed and it is rolled back. */
  rollback: RollbackState.nullable(),
  attempts: z.array(AttemptView),
});
export type TaskView = z.infer<typeof TaskView>;

/** A run without its tasks, as in lists. */
export const RunSummary = z.object({
  run_id: z.string(),
  dag_id: z.string(),
  version: z.int(),
  spec_hash: z.string(),
  status: RunState,
  scope: Scope,
  worker_id: z.string(),
  node_id: z.string(),
  priority: Priority,
  triggered_by: z.string(),
  confirmed_by: z.string().nullable(),
  retry_of: z.string().nullable(),
  created_at: Time,
  started_at: MaybeTime,
  finished_at: MaybeTime,
  /** The cause of failure in one sentence. */
  error: z.string().nullable(),
  completed_tasks: z.int(),
  total_tasks: z.int(),
});
export type RunSummary = z.infer<typeof RunSummary>;
export const RunView = RunSummary.extend({
  tasks: z.array(TaskView),
  /** Every question that was asked about its tasks, by task. */
  decisions: z.array(DecisionView),
  /** Failures of its tasks that were allowed to pass. */
  debts: z.array(DebtView),
});
export type RunView = z.infer<typeof RunView>;
export const RunList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  runs: z.array(RunSummary),
});
export type RunList = z.infer<typeof RunList>;

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

/** Answer to cancel and retry. */
export const RunActionAnswer = z.object({
  success: z.literal(true),
  run_id: z.string(),
  status: RunState,
  message: z.string(),
});
export type RunActionAnswer = z.infer<typeof RunActionAnswer>;

/** Answer to what is done to one task of a run. */
export const TaskActionAnswer = z.object({
  success: z.literal(true),
  run_id: z.string(),
  task_id: z.string(),
  status: TaskState,
  message: z.string(),
});
export type TaskActionAnswer = z.infer<typeof TaskActionAnswer>;

/** Body of POST /runs/{id}/retry. */
export const RetryBody = z.strictObject({
  /** Run the completed tasks again too. */
  from_scratch: z.boolean().default(false),
});

export const LogLineView = z.object({
  seq: z.int(),
  time: Time,
  task_id: z.string(),
  attempt: z.int(),
  stream: z.enum(["stdout", "stderr"]),
  text: z.string(),
});
export type LogLineView = z.infer<typeof LogLineView>;
export const LogPage = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  lines: z.array(LogLineView),
});
export type LogPage = z.infer<typeof LogPage>;

/** One entry of the event streams; `seq` is the SSE id, `type` the SSE event. */
export const EventView = z.object({
  seq: z.int(),
  time: Time,
  type: z.string(),
  dag_id: z.string().nullable(),
  run_id: z.string().nullable(),
  task_id: z.string().nullable(),
  worker_id: z.string().nullable(),
  data: z.record(z.string(), z.json()),
});
export type EventView = z.infer<typeof EventView>;

export const WorkerView = z.object({
  worker_id: z.string(),
  scope: Scope,
  room_id: z.string(),
  node_id: z.string(),
  pid: z.int().nullable(),
  status: WorkerState,
  started_at: MaybeTime,
  last_heartbeat: MaybeTime,
  restarts: z.int(),
  active_tasks: z.int(),
  /** Resident memory in bytes, from the last heartbeat. */
  rss: z.int().nullable(),
  /** Who spawned it: "node", or "cli" for `worker start` in a terminal. */
  managed_by: z.enum(["node", "cli"]),
  /** Why it crashed or failed. */
  error: z.string().nullable(),
  /** The exact permission flags the process was started with. */
  permission_flags: z.array(z.string()),
});
export type WorkerView = z.infer<typeof WorkerView>;
export const WorkerList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  workers: z.array(WorkerView),
});
export type WorkerList = z.infer<typeof WorkerList>;
export const WorkerActionAnswer = z.object({
  success: z.literal(true),
  worker_id: z.string(),
  status: WorkerState,
  message: z.string(),
});
export type WorkerActionAnswer = z.infer<typeof WorkerActionAnswer>;

/** Body of POST /workers: `worker start` in a terminal asks for a place and gets what it spawns with. */
export const WorkerStartBody = z.strictObject({
  scope: Scope,
  worker_id: z.string().optional(),
  room_id: z.string().optional(),
  parent_node: z.string().optional(),
});
/** Everything needed to spawn the process: the argv after the Deno executable, and its stdin line. */
export const WorkerStartAnswer = z.object({
  worker_id: z.string(),
  room_id: z.string(),
  argv: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  bootstrap: z.json(),
});
export type WorkerStartAnswer = z.infer<typeof WorkerStartAnswer>;

export const TokenBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  roles: z.array(Role).min(1),
  /** Scope keys such as "project:abc"; absent: every scope. */
  scopes: z.array(z.string()).optional(),
  /** Duration such as "30d", or seconds; absent: no end. */
  expires_in: z.union([z.string(), z.number()]).optional(),
});
export const TokenView = z.object({
  token_id: z.string(),
  name: z.string(),
  did: z.string(),
  roles: z.array(Role),
  scopes: z.array(z.string()).nullable(),
  created_at: Time,
  expires_at: MaybeTime,
  last_used_at: MaybeTime,
  revoked_at: MaybeTime,
});
export type TokenView = z.infer<typeof TokenView>;
/** The token itself is in this answer and nowhere else. */
export const TokenAnswer = TokenView.extend({ token: z.string() });
export type TokenAnswer = z.infer<typeof TokenAnswer>;
export const TokenList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  tokens: z.array(TokenView),
});
export type TokenList = z.infer<typeof TokenList>;

/** Who is signed in: GET /api/v1/whoami. */
export const WhoAmI = z.object({
  token_id: z.string(),
  name: z.string(),
  roles: z.array(Role),
  scopes: z.array(z.string()).nullable(),
  node_id: z.string(),
});
export type WhoAmI = z.infer<typeof WhoAmI>;

/** Answer to POST /api/v1/sign-in-link: a link that signs a browser in, once. */
export const SignInLink = z.object({ url: z.string(), expires_in_sec: z.number() });
export type SignInLink = z.infer<typeof SignInLink>;

export const Health = z.object({
  status: z.literal("ok"),
  service: z.literal("glm-api"),
  version: z.string(),
  node_id: z.string(),
});
export type Health = z.infer<typeof Health>;

/** RFC 9457 problem document; `code` is stable, `title` may change its wording. */
export const ProblemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
}).catchall(z.json());
export type ProblemDocument = z.infer<typeof ProblemDocument>;
