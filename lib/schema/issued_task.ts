/** Tasks issued one by one: each is a DAG of one task that waits for its confirmation like any. */
import { z } from "zod";
import { PublishAnswer } from "./api.ts";
import { TaskState, VersionState } from "./states.ts";

/** What stands before the task's id in the id of its DAG. */
export const ISSUED_PREFIX = "task-";

/** Fields of an issue that belong to the DAG; all others are the task's. */
export const ISSUE_DAG_FIELDS = ["scope", "priority", "target_node", "description"] as const;

/** Answer to POST /api/v1/task/issue: that of a publish, with the task's id. */
export const IssueAnswer = PublishAnswer.extend({ task_id: z.string() });
export type IssueAnswer = z.infer<typeof IssueAnswer>;

/** An issued task and what became of it. */
export const IssuedTaskView = z.object({
  task_id: z.string(),
  dag_id: z.string(),
  version: z.int(),
  spec_hash: z.string(),
  type: z.string(),
  /** The task's own state once there is a run, the version's before. */
  status: z.union([TaskState, VersionState]),
  /** Why it was rejected. */
  reason: z.string().nullable(),
  expires_at: z.string().nullable(),
  run_id: z.string().nullable(),
  attempts: z.int(),
  exit_code: z.int().nullable(),
  outputs: z.json(),
  error: z.string().nullable(),
  published_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
});
export type IssuedTaskView = z.infer<typeof IssuedTaskView>;

/** GET /api/v1/tasks. */
export const IssuedTaskList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  tasks: z.array(IssuedTaskView),
});
export type IssuedTaskList = z.infer<typeof IssuedTaskList>;
