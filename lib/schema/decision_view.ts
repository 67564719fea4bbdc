/** Bodies and answers of confirm and reject. */
import { z } from "zod";
import { VersionState } from "./states.ts";

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
