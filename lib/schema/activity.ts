/** How much ran lately, as the API shows it. */
import { z } from "zod";
import { Time } from "./time_field.ts";

/** Runs by how they ended; `open` ones haven't yet. */
export const RunCounts = z.object({
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  open: z.int(),
});
export type RunCounts = z.infer<typeof RunCounts>;

/** GET /api/v1/activity: runs created within the last 24 hours. */
export const Activity = z.object({
  since: Time,
  until: Time,
  totals: RunCounts,
  /** 24 of them, oldest first; the last one ends now. */
  hours: z.array(RunCounts.extend({ begins_at: Time })),
});
export type Activity = z.infer<typeof Activity>;
