/** What the API says of schedules. Times are ISO 8601 UTC strings. */
import { z } from "zod";

/** The schedule of a version, with its next times. */
export const ScheduleView = z.object({
  cron: z.string(),
  timezone: z.string(),
  overlap: z.enum(["skip", "queue", "allow"]),
  catch_up: z.enum(["none", "last", "all"]),
  /** Whether it is this version that starts by itself. */
  in_force: z.boolean(),
  /** False: somebody has switched it off. */
  enabled: z.boolean(),
  /** The next three times; of a version that isn't in force, those that it would have. */
  next_runs: z.array(z.string()),
});
export type ScheduleView = z.infer<typeof ScheduleView>;

/** What became of a time at which a DAG was due. */
export const ScheduledTimeView = z.object({
  scheduled_at: z.string(),
  version: z.int(),
  outcome: z.enum(["started", "made_up", "skipped", "missed"]),
  run_id: z.string().nullable(),
  reason: z.string().nullable(),
});
export type ScheduledTimeView = z.infer<typeof ScheduledTimeView>;

/** Answer to GET and POST /api/v1/dag/{id}/schedule. */
export const ScheduleAnswer = z.object({
  dag_id: z.string(),
  /** The version in force; null: none is, or it has no schedule. */
  version: z.int().nullable(),
  schedule: ScheduleView.nullable(),
  /** What became of the last times, newest first. */
  times: z.array(ScheduledTimeView),
});
export type ScheduleAnswer = z.infer<typeof ScheduleAnswer>;

/** Body of POST /api/v1/dag/{id}/schedule. */
export const ScheduleBody = z.strictObject({ enabled: z.boolean() });
