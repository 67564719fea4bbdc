import { z } from "zod";
import { LogLineView } from "./api.ts";

/** One thing that holds a DAG up. */
export const Blocker = z.object({
  task_id: z.string().nullable(),
  code: z.string(),
  message: z.string(),
});
export type Blocker = z.infer<typeof Blocker>;

/** Answer to POST /api/v1/dag/{id}/analyze. */
export const Analysis = z.object({
  dag_id: z.string(),
  version: z.int(),
  status: z.string(),
  run_id: z.string().nullable(),
  blockers: z.array(Blocker),
  last_log: z.array(LogLineView),
  /** What to do, in order. */
  advice: z.array(z.string()),
});
export type Analysis = z.infer<typeof Analysis>;
