/**
 * The states of everything that lives, and which state may follow which.
 * The same tables are repeated as CHECK constraints in the database, so that neither code nor a
 * hand-written UPDATE can invent a state (contract §3). Without zod: islands take them to the
 * browser.
 * @module
 */
/** States of one published version of a DAG. */
export const VERSION_STATES = [
  "waiting_confirmation",
  "confirmed",
  "rejected",
  "expired",
  "superseded",
] as const;
/** States of a run. */
export const RUN_STATES = [
  "queued",
  "running",
  "paused",
  "completed",
  "failed",
  "cancelled",
] as const;
/** States of a task within a run. */
export const TASK_STATES = [
  "pending",
  "ready",
  "awaiting_decision",
  "running",
  "retry_wait",
  "completed",
  "failed",
  "debt",
  "skipped",
  "cancelled",
] as const;
/** States of one attempt at a task. `lost` means that its worker went away with it. */
export const ATTEMPT_STATES = ["running", "completed", "failed", "cancelled", "lost"] as const;
/** What an attempt is at: the task itself, or rolling it back. */
export const ATTEMPT_KINDS = ["task", "rollback"] as const;
/** States of the rollback of a completed task. `skipped`: given up before its turn or its end. */
export const ROLLBACK_STATES = ["pending", "running", "done", "failed", "skipped"] as const;
/** What a decision about a task is: its level, or `approval` for a task that is nothing else. */
export const DECISION_KINDS = ["approval", "recommended", "confirmed", "arbitrated"] as const;
/** States of a decision. `withdrawn`: nobody waits for it any more. */
export const DECISION_STATES = ["open", "approved", "rejected", "expired", "withdrawn"] as const;
/** States of a debt, a failure that was allowed to pass. */
export const DEBT_STATES = ["open", "resolved"] as const;
/** States of a worker process. */
export const WORKER_STATES = [
  "starting",
  "running",
  "stopping",
  "stopped",
  "crashed",
  "failed",
] as const;

type VersionState = typeof VERSION_STATES[number];
type RunState = typeof RUN_STATES[number];
type TaskState = typeof TASK_STATES[number];
type WorkerState = typeof WORKER_STATES[number];

/** Which state of a version may follow which. */
export const VERSION_TRANSITIONS: Readonly<Record<VersionState, readonly VersionState[]>> = {
  waiting_confirmation: ["confirmed", "rejected", "expired", "superseded"],
  confirmed: [],
  rejected: [],
  expired: [],
  superseded: [],
};

/** Which state of a run may follow which. */
export const RUN_TRANSITIONS: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ["running", "failed", "cancelled"],
  running: ["paused", "completed", "failed", "cancelled"],
  paused: ["running", "failed", "cancelled"],
  completed: [],
  failed: [],
  cancelled: [],
};

/** Which state of a task may follow which. `running → ready` is the rescue of a lost attempt. */
export const TASK_TRANSITIONS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  pending: ["ready", "skipped", "cancelled"],
  ready: ["running", "awaiting_decision", "completed", "failed", "skipped", "cancelled"],
  awaiting_decision: ["ready", "completed", "failed", "skipped", "cancelled"],
  running: ["completed", "failed", "debt", "retry_wait", "ready", "cancelled"],
  retry_wait: ["ready", "cancelled"],
  completed: [],
  failed: [],
  debt: [],
  skipped: [],
  cancelled: [],
};

/** Which state of a worker may follow which. */
export const WORKER_TRANSITIONS: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  starting: ["running", "stopping", "stopped", "crashed", "failed"],
  running: ["stopping", "stopped", "crashed"],
  stopping: ["stopped", "crashed"],
  stopped: ["starting"],
  crashed: ["starting", "stopped", "failed"],
  failed: ["starting", "stopped"],
};

/** Whether nothing can follow this state of a run. */
export function isFinalRun(state: RunState): boolean {
  return RUN_TRANSITIONS[state].length === 0;
}

/** Whether nothing can follow this state of a task. */
export function isFinalTask(state: TaskState): boolean {
  return TASK_TRANSITIONS[state].length === 0;
}
