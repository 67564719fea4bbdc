/** The states as schemas; their tables are re-exported with them. */
import { z } from "zod";
import {
  ATTEMPT_KINDS,
  ATTEMPT_STATES,
  DEBT_STATES,
  DECISION_KINDS,
  DECISION_STATES,
  ROLLBACK_STATES,
  RUN_STATES,
  TASK_STATES,
  VERSION_STATES,
  WORKER_STATES,
} from "./state_tables.ts";

export * from "./state_tables.ts";

export const VersionState = z.enum(VERSION_STATES);
export type VersionState = z.infer<typeof VersionState>;
export const RunState = z.enum(RUN_STATES);
export type RunState = z.infer<typeof RunState>;
export const TaskState = z.enum(TASK_STATES);
export type TaskState = z.infer<typeof TaskState>;
export const AttemptState = z.enum(ATTEMPT_STATES);
export type AttemptState = z.infer<typeof AttemptState>;
export const AttemptKind = z.enum(ATTEMPT_KINDS);
export type AttemptKind = z.infer<typeof AttemptKind>;
export const RollbackState = z.enum(ROLLBACK_STATES);
export type RollbackState = z.infer<typeof RollbackState>;
export const DecisionKind = z.enum(DECISION_KINDS);
export type DecisionKind = z.infer<typeof DecisionKind>;
export const DecisionState = z.enum(DECISION_STATES);
export type DecisionState = z.infer<typeof DecisionState>;
export const DebtState = z.enum(DEBT_STATES);
export type DebtState = z.infer<typeof DebtState>;
export const WorkerState = z.enum(WORKER_STATES);
export type WorkerState = z.infer<typeof WorkerState>;
