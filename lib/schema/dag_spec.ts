import { z } from "zod";
import { listOnce, NonBlank, patternString } from "./checked.ts";
import { Duration, durationMs } from "./duration.ts";
import { Env, EnvName } from "./environment.ts";
import { HttpRequest } from "./http_request.ts";
import { DagId, GroupName, NODE_ID_PATTERN, TaskId } from "./ids.ts";
import { Level } from "./level.ts";
import { ListEntry } from "./list_entry.ts";
import { NetEntry } from "./net_entry.ts";
import { Priority } from "./priority.ts";
import { quote } from "./quote.ts";
import { Retry } from "./retry.ts";
import { Schedule } from "./schedule.ts";
import { Scope } from "./scope.ts";
import { Size } from "./size.ts";
import { WorkspacePath } from "./workspace_path.ts";

export const MAX_NAME_LENGTH = 256;
export const MAX_DESCRIPTION_LENGTH = 10_000;
export const MAX_PARALLEL = 1_000;

/** Limits a run or an attempt; no limit when absent. */
const Timeout = Duration.refine((timeout) => durationMs(timeout) > 0, {
  error: "a timeout is longer than zero; leave it out for none",
  params: { code: "out_of_range" },
});

/** What a task needs beyond its command. A list that is left out allows nothing. */
export const Permissions = z.strictObject({
  net: listOnce(NetEntry).default([]),
  read: listOnce(ListEntry).default([]),
  write: listOnce(ListEntry).default([]),
  env: listOnce(ListEntry).default([]),
  run: listOnce(ListEntry).default([]),
});
export type Permissions = z.infer<typeof Permissions>;

/** What a task may use at most. */
export const Resources = z.strictObject({
  memory: Size.optional(),
  cpu: z.number().positive().max(1024).optional(),
});
export type Resources = z.infer<typeof Resources>;

/** The fields that every task has come in two halves, so that its own stand between them. */
const HEAD = { id: TaskId, name: z.string().max(MAX_NAME_LENGTH).optional() };
const BODY = {
  depends_on: listOnce(TaskId).default([]),
  /** Tasks of one group share the places that the DAG or the node gives it. */
  group: GroupName.optional(),
  run_if: z.enum(["all_success", "all_done", "any_failed"]).default("all_success"),
  env: Env.default({}),
  secrets: listOnce(EnvName).default([]),
  cwd: WorkspacePath.optional(),
  timeout: Timeout.optional(),
  retry: Retry.prefault({}),
  level: Level.default({ type: "mechanical" }),
  on_failure: z.enum(["blocking", "ignorable"]).default("blocking"),
  rollback: z.array(NonBlank).default([]),
  idempotent: z.boolean().default(true),
  permissions: Permissions.optional(),
  resources: Resources.optional(),
};

/** The fields that every task has, whatever its type. Others pass unseen. */
export const TaskFields = z.looseObject({ ...HEAD, ...BODY });

const DenoTask = z.strictObject({
  ...HEAD,
  type: z.literal("deno"),
  module: WorkspacePath.optional(),
  script: NonBlank.optional(),
  args: z.unknown().optional(),
  ...BODY,
}).refine((task) => task.module !== undefined || task.script !== undefined, {
  error: 'a deno task needs "module", a path in the workspace, or "script", a module\'s text',
  path: ["module"],
  params: { code: "missing_field" },
}).refine((task) => task.module === undefined || task.script === undefined, {
  error: 'a deno task has "module" or "script", not both',
  path: ["module"],
  params: { code: "conflicting_fields" },
});

/** One step of a DAG. */
export const TaskSpec = z.discriminatedUnion("type", [
  z.strictObject({ ...HEAD, type: z.literal("shell"), command: NonBlank, ...BODY }),
  DenoTask,
  z.strictObject({ ...HEAD, type: z.literal("http"), request: HttpRequest, ...BODY }),
  z.strictObject({
    ...HEAD,
    type: z.literal("skill"),
    skill: NonBlank.max(MAX_NAME_LENGTH),
    method: NonBlank.max(MAX_NAME_LENGTH).optional(),
    params: z.record(z.string(), z.unknown()).default({}),
    ...BODY,
  }),
  z.strictObject({ ...HEAD, type: z.literal("approval"), ...BODY }),
  z.strictObject({ ...HEAD, type: z.literal("noop"), ...BODY }),
]);
export type TaskSpec = z.infer<typeof TaskSpec>;

/** A node, or `*` for any one node. */
const TargetNode = patternString(new RegExp(`^\\*$|${NODE_ID_PATTERN.source}`), {
  code: "bad_id",
  describe: (value) => `${quote(value)} is not a node id; name a node, or "*" for any one node`,
});

/** Most tasks of each group that run at once, over all runs of the DAG. */
const Groups = z.record(GroupName, z.int().min(1).max(MAX_PARALLEL));

/**
 * A DAG in canonical form: defaults filled in, durations and sizes in canonical text,
 * what is optional and not given absent. Parsing a canonical document changes nothing.
 */
export const DagSpec = z.strictObject({
  dag_id: DagId,
  description: z.string().max(MAX_DESCRIPTION_LENGTH).optional(),
  scope: Scope,
  target_node: TargetNode.optional(),
  priority: Priority.default("medium"),
  policy: z.enum(["all_success", "first_success", "allow_debt"]).default("all_success"),
  schedule: Schedule.optional(),
  max_parallel: z.int().min(1).max(MAX_PARALLEL).default(8),
  /** Runs of the DAG that are open at once; further ones wait. */
  max_active_runs: z.int().min(1).max(MAX_PARALLEL).optional(),
  groups: Groups.optional(),
  timeout: Timeout.optional(),
  env: Env.default({}),
  tasks: z.array(TaskSpec).min(1),
});
export type DagSpec = z.infer<typeof DagSpec>;

/** The version that a publish expects to create. */
export const ExpectedVersion = z.int().min(1);

/**
 * A DAG as people write it, in canonical spelling: the scope may be left out, and the
 * expected version may be given. It is not part of the spec or its hash.
 */
export const DagDocument = DagSpec.extend({
  scope: Scope.optional(),
  version: ExpectedVersion.optional(),
});
export type DagDocument = z.input<typeof DagDocument>;
