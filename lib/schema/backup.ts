import { z } from "zod";

/** Answer to POST /api/v1/backup. */
export const BackupAnswer = z.object({
  success: z.literal(true),
  node_id: z.string(),
  /** On the node's machine. */
  path: z.string(),
  bytes: z.int(),
  /** Number of the last migration in it. */
  schema: z.int(),
  created_at: z.string(),
  message: z.string(),
});
export type BackupAnswer = z.infer<typeof BackupAnswer>;
