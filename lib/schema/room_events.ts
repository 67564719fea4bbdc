/**
 * What node and worker say to each other in a worker's room (contract §5).
 * Every event type is `io.cis.<name>` and every content carries `v: 1`. A task message names
 * run, task, attempt and lease; the lease fences: a message with an old one changes nothing.
 * @module
 */
import { z } from "zod";
import { isLogChunk, type LogChunk } from "./log_chunk.ts";

/** The version of the content that this code writes and understands. */
export const CONTENT_VERSION = 1;
/** Largest content in bytes; a homeserver refuses events of 64 KiB with their envelope. */
export const MAX_CONTENT_BYTES = 48 * 1024;

/** Which attempt a message is about. */
export const AttemptRef = z.object({
  run_id: z.string(),
  task_id: z.string(),
  attempt: z.int().min(1),
  lease: z.string(),
});
export type AttemptRef = z.infer<typeof AttemptRef>;

/** What a task is to do, as the worker needs it: the executable part of a TaskSpec. */
export const TaskWork = z.discriminatedUnion("type", [
  z.object({ type: z.literal("noop") }),
  z.object({ type: z.literal("shell"), command: z.string(), cwd: z.string().optional() }),
  z.object({
    type: z.literal("deno"),
    module: z.string().optional(),
    script: z.string().optional(),
    args: z.json().optional(),
    cwd: z.string().optional(),
  }),
  z.object({
    type: z.literal("http"),
    request: z.object({
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()),
      body: z.json().optional(),
      expect_status: z.array(z.int()).optional(),
    }),
  }),
]);
export type TaskWork = z.infer<typeof TaskWork>;

/** What is granted of one kind: a list, or true for all there is. */
const TaskGrant = z.union([z.literal(true), z.array(z.string())]);

/** What one task may touch: its own wishes as far as its scope's policy goes. Paths are absolute. */
export const TaskPermissions = z.object({
  net: TaskGrant,
  read: TaskGrant,
  write: TaskGrant,
  /** Variables of the node's environment. */
  env: TaskGrant,
  run: TaskGrant,
  /** Taken away from what the lists above include; absent: nothing. */
  deny: z.object({
    net: z.array(z.string()),
    read: z.array(z.string()),
    write: z.array(z.string()),
    env: z.array(z.string()),
  }).optional(),
});
export type TaskPermissions = z.infer<typeof TaskPermissions>;

/** What one attempt may use; null: no limit of its own. */
export const TaskLimits = z.object({
  /** Memory in bytes. */
  memory: z.int().nullable(),
  /** Cores. */
  cpu: z.number().nullable(),
  /** Largest file in bytes. */
  file_size: z.int().nullable(),
  /** Longest output in bytes, both streams together. */
  output: z.int(),
});
export type TaskLimits = z.infer<typeof TaskLimits>;

/** One task handed to a worker. `inputs` maps a dependency's id to its outputs. */
export const TaskDispatch = AttemptRef.extend({
  dag_id: z.string(),
  work: TaskWork,
  env: z.record(z.string(), z.string()),
  inputs: z.record(z.string(), z.json()),
  /** Wall clock in milliseconds after which the worker kills the attempt; null: none. */
  timeout_ms: z.number().nullable(),
  permissions: TaskPermissions,
  /** Whether its processes are put behind walls of the operating system. */
  walls: z.enum(["bubblewrap", "none"]),
  limits: TaskLimits,
  /** Names of secrets that it gets as variables; the values never are in an event. */
  secrets: z.array(z.string()),
});
export type TaskDispatch = z.infer<typeof TaskDispatch>;

/** How an attempt ended. `outputs` only when it completed. */
export const TaskResult = AttemptRef.extend({
  status: z.enum(["completed", "failed", "cancelled"]),
  exit_code: z.int().nullable(),
  outputs: z.json(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Epoch milliseconds on the worker's clock. */
  started_at: z.int(),
  finished_at: z.int(),
});
export type TaskResult = z.infer<typeof TaskResult>;

const v = z.literal(CONTENT_VERSION);

export const DispatchContent = z.object({ v, tasks: z.array(TaskDispatch) });
/**
 * Attempts to end. "cancelled": they don't count any more; the other codes: they have failed by what
 * the node saw of them.
 */
export const CancelContent = z.object({
  v,
  tasks: z.array(AttemptRef),
  reason: z.string(),
  code: z.enum(["cancelled", "out_of_memory", "disk_full"]).default("cancelled"),
});
export const ResultContent = z.object({ v, results: z.array(TaskResult) });
/** Output. The largest and most frequent content by far, so its check is written by hand. */
export const LogContent = z.object({ v, logs: z.array(z.custom<LogChunk>(isLogChunk)) });
/** Said once per connection: who is here, and which attempts it still holds after an absence. */
export const ReadyContent = z.object({
  v,
  worker_id: z.string(),
  instance: z.string(),
  pid: z.int(),
  active: z.array(AttemptRef),
});
export const HeartbeatContent = z.object({
  v,
  active_tasks: z.int().min(0),
  /** Resident memory of the worker process in bytes. */
  rss: z.int().min(0),
  /** CPU time of the worker process since its start, in milliseconds. */
  cpu_ms: z.int().min(0).nullable().default(null),
});
/** From the node: finish what runs, start nothing new, end. From the worker: it is ending. */
export const ShutdownContent = z.object({ v, reason: z.string(), grace_ms: z.int() });

export type DispatchContent = z.infer<typeof DispatchContent>;
export type CancelContent = z.infer<typeof CancelContent>;
export type ResultContent = z.infer<typeof ResultContent>;
export type LogContent = z.infer<typeof LogContent>;
export type ReadyContent = z.infer<typeof ReadyContent>;
export type HeartbeatContent = z.infer<typeof HeartbeatContent>;
export type ShutdownContent = z.infer<typeof ShutdownContent>;

/** Event type → schema of its content. */
export const ROOM_EVENT_CONTENTS = {
  "io.cis.task.dispatch": DispatchContent,
  "io.cis.task.cancel": CancelContent,
  "io.cis.task.result": ResultContent,
  "io.cis.task.log": LogContent,
  "io.cis.worker.ready": ReadyContent,
  "io.cis.worker.heartbeat": HeartbeatContent,
  "io.cis.worker.shutdown": ShutdownContent,
} as const;

export type RoomEventType = keyof typeof ROOM_EVENT_CONTENTS;
export type RoomEventContent<T extends RoomEventType> = z.infer<(typeof ROOM_EVENT_CONTENTS)[T]>;
