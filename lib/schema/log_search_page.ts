/** Answer to a search over logs. */
import { z } from "zod";
import { LogLineView } from "./api.ts";

/** A line that a search found, and where it is from. */
export const FoundLogLine = LogLineView.extend({
  /** null: of the worker's own process. */
  run_id: z.string().nullable(),
  worker_id: z.string(),
});
export type FoundLogLine = z.infer<typeof FoundLogLine>;
/** Newest lines first. `next_cursor` may be there although nothing was found yet. */
export const LogSearchPage = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  lines: z.array(FoundLogLine),
});
export type LogSearchPage = z.infer<typeof LogSearchPage>;
