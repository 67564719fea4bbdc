/** Runs, their tasks and attempts as the API shows them. */
import { z } from "zod";
import { DebtView } from "./debt.ts";
import { DecisionView } from "./decision.ts";
import { Priority } from "./priority.ts";
import { Scope } from "./scope.ts";
import { AttemptKind, AttemptState, RollbackState, RunState, TaskState } from "./states.ts";
import { MaybeTime, Time } from "./time_field.ts";
import { Queue, Waiting } from "./waiting.ts";

/** What a worker told of an attempt after that had been taken from it. It changed nothing. */
export const LateResult = z.object({
  status: z.enum(["completed", "failed"]),
  exit_code: z.int().nullable(),
  error: z.string().nullable(),
  error_code: z.string().nullable(),
  outputs: z.json(),
  received_at: Time,
});
export type LateResult = z.infer<typeof LateResult>;

export const AttemptView = z.object({
  attempt: z.int(),
  /** What it was at: the task itself, or rolling it back. */
  kind: AttemptKind.default("task"),
  status: AttemptState,
  worker_id: z.string(),
  started_at: MaybeTime,
  finished_at: MaybeTime,
  exit_code: z.int().nullable(),
  error: z.string().nullable(),
  error_code: z.string().nullable(),
  /** Set where the attempt was cancelled or lost, and its worker told how it ended after that. */
  late_result: LateResult.nullable().default(null),
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
  rollback: RollbackState.nullable().default(null),
  /** What keeps it from going on, while it is open and doesn't run. */
  waiting: Waiting.nullable().default(null),
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
  /** What a queued run waits for. */
  waiting: Waiting.nullable().default(null),
  queue: Queue.default({ pending: 0, ready: 0, running: 0 }),
  tasks: z.array(TaskView),
  /** Every question that was asked about its tasks, by task. */
  decisions: z.array(DecisionView).default([]),
  /** Failures of its tasks that were allowed to pass. */
  debts: z.array(DebtView).default([]),
});
export type RunView = z.infer<typeof RunView>;

export const RunList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  runs: z.array(RunSummary),
});
export type RunList = z.infer<typeof RunList>;

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
  /** Run this task again and what depends on it, and keep everything else. */
  task_id: z.string().optional(),
}).refine((body) => !body.from_scratch || body.task_id === undefined, {
  error: "from_scratch runs every task again, so leave task_id out",
});
