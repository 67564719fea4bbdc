/** Why something doesn't go on, in words and as a code. */
import { z } from "zod";

export const WAITING_CODES = [
  "dependencies",
  "decision",
  "retry",
  "paused",
  "run_queued",
  "worker_starting",
  "waits_for_worker",
  "worker_slot",
  "max_parallel",
  "group_limit",
  "node_limit",
  "earlier_run",
  "max_active_runs",
  "other_node",
] as const;

export const Waiting = z.object({ code: z.enum(WAITING_CODES), message: z.string() });
export type Waiting = z.infer<typeof Waiting>;

/** How many tasks of a run haven't ended, by what they are at. */
export const Queue = z.object({
  /** Not yet to be started: dependencies, a decision, a pause before the next attempt. */
  pending: z.int(),
  /** Could start, but for room. */
  ready: z.int(),
  running: z.int(),
});
export type Queue = z.infer<typeof Queue>;
