/** Debts, failures that were allowed to pass, as the API takes and shows them (contract §3). */
import { z } from "zod";
import { DebtState } from "./states.ts";

const Time = z.string();

export const DebtView = z.object({
  debt_id: z.string(),
  run_id: z.string(),
  task_id: z.string(),
  dag_id: z.string(),
  /** Why the task failed. */
  error: z.string().nullable(),
  created_at: Time,
  status: DebtState,
  resolved_by: z.string().nullable(),
  resolved_at: Time.nullable(),
  reason: z.string().nullable(),
  /** The run in which the task is run again. */
  resumed_by_run: z.string().nullable(),
});
export type DebtView = z.infer<typeof DebtView>;

export const DebtList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  debts: z.array(DebtView),
});
export type DebtList = z.infer<typeof DebtList>;

/** Body of resolve. */
export const ResolveBody = z.strictObject({
  reason: z.string().trim().min(1).max(4000),
  /** Run the task again, in a new run that keeps everything else. */
  resume: z.boolean().default(false),
});

/** Answer to resolve. */
export const DebtAnswer = z.object({
  success: z.literal(true),
  debt_id: z.string(),
  status: DebtState,
  /** The new run, with `resume`. */
  run_id: z.string().nullable(),
  message: z.string(),
});
export type DebtAnswer = z.infer<typeof DebtAnswer>;
