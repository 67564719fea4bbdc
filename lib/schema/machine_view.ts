/** What a machine has to hold tasks to their permissions and limits, as API, pages and CLI show it. */
import { z } from "zod";

/** What is held. */
export const HELD = [
  "walls",
  "memory",
  "cpu",
  "pids",
  "wall_clock",
  "output",
  "file_size",
  "disk",
  "open_tasks",
] as const;

/** How one of them is held. */
export const HeldLimit = z.object({
  what: z.enum(HELD),
  /** By what; null: not at all. */
  by: z.string().nullable(),
  /** Whether it holds at every moment, or is looked at now and then. */
  exact: z.boolean(),
  /** What that means, and how to get more; null where there is nothing to add. */
  note: z.string().nullable(),
});
export type HeldLimit = z.infer<typeof HeldLimit>;

/** Answer of `GET /api/v1/limits`. */
export const LimitList = z.object({
  count: z.int(),
  next_cursor: z.null(),
  limits: z.array(HeldLimit),
});
export type LimitList = z.infer<typeof LimitList>;

/** Answer of `GET /api/v1/doctor`. */
export const DoctorAnswer = z.object({
  node_id: z.string(),
  version: z.string(),
  checks: z.array(z.object({
    name: z.string(),
    status: z.enum(["ok", "warning", "failed"]),
    detail: z.string(),
    /** What to do; null where nothing is wrong. */
    advice: z.string().nullable(),
  })),
  limits: z.array(HeldLimit),
});
export type DoctorAnswer = z.infer<typeof DoctorAnswer>;
