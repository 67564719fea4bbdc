/** Workers as the API shows them. */
import { z } from "zod";
import { Scope } from "./scope.ts";
import { WorkerState } from "./states.ts";
import { MaybeTime, Time } from "./time_field.ts";

export const WorkerView = z.object({
  worker_id: z.string(),
  scope: Scope,
  room_id: z.string(),
  node_id: z.string(),
  pid: z.int().nullable(),
  status: WorkerState,
  started_at: MaybeTime,
  last_heartbeat: MaybeTime,
  restarts: z.int(),
  active_tasks: z.int(),
  /** Resident memory in bytes, from the last heartbeat. */
  rss: z.int().nullable(),
  /** CPU time of the process in milliseconds, from the last heartbeat. */
  cpu_ms: z.int().nullable(),
  /** Crashes since it last ran for a minute. */
  crashes_in_row: z.int(),
  /** When it is started again, while it waits for that after a crash. */
  restart_at: MaybeTime,
  /** Why it isn't there yet for the runs that want it. */
  waiting_for: z.string().nullable(),
  /** Who spawned it: "node", or "cli" for `worker start` in a terminal. */
  managed_by: z.enum(["node", "cli"]),
  /** Why it crashed or failed. */
  error: z.string().nullable(),
  /** The exact permission flags the process was started with. */
  permission_flags: z.array(z.string()),
});
export type WorkerView = z.infer<typeof WorkerView>;

/** A change of a worker's state. */
export const WorkerChangeView = z.object({
  time: Time,
  status: WorkerState,
  reason: z.string(),
  pid: z.int().nullable(),
  restarts: z.int(),
  /** The last lines that the process wrote to stderr, where it has ended. */
  last_lines: z.array(z.string()),
});

/** Memory, CPU time and tasks of a worker at a time. */
export const WorkerSampleView = z.object({
  time: Time,
  rss: z.int(),
  cpu_ms: z.int().nullable(),
  active_tasks: z.int(),
});

/** GET /api/v1/workers/{id}: with what became of it, newest first, and samples, oldest first. */
export const WorkerDetailView = WorkerView.extend({
  history: z.array(WorkerChangeView),
  samples: z.array(WorkerSampleView),
});
export type WorkerDetailView = z.infer<typeof WorkerDetailView>;

export const WorkerList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  workers: z.array(WorkerView),
});
export type WorkerList = z.infer<typeof WorkerList>;

export const WorkerActionAnswer = z.object({
  success: z.literal(true),
  worker_id: z.string(),
  status: WorkerState,
  message: z.string(),
});
export type WorkerActionAnswer = z.infer<typeof WorkerActionAnswer>;

/** Body of POST /workers: `worker start` in a terminal asks for a place and gets what it spawns with. */
export const WorkerStartBody = z.strictObject({
  scope: Scope,
  worker_id: z.string().optional(),
  room_id: z.string().optional(),
  parent_node: z.string().optional(),
});

/** Everything needed to spawn the process: the argv after the Deno executable, and its stdin line. */
export const WorkerStartAnswer = z.object({
  worker_id: z.string(),
  room_id: z.string(),
  argv: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  bootstrap: z.json(),
});
export type WorkerStartAnswer = z.infer<typeof WorkerStartAnswer>;
