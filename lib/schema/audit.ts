import { z } from "zod";

/** One line of the audit log: who did what to what, and how that ended. */
export const AuditEntryView = z.object({
  seq: z.int(),
  time: z.string(),
  token_id: z.string().nullable(),
  token_name: z.string().nullable(),
  /** Such as "dag.confirm". */
  action: z.string(),
  target: z.string().nullable(),
  /** "done", or the code of the error. */
  outcome: z.string(),
  detail: z.record(z.string(), z.json()),
  /** The `x-request-id` of the answer. */
  request_id: z.string().nullable(),
});
export type AuditEntryView = z.infer<typeof AuditEntryView>;

/** GET /api/v1/audit, newest first. */
export const AuditList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  entries: z.array(AuditEntryView),
});
export type AuditList = z.infer<typeof AuditList>;
