/**
 * Frames of the embedded transport: JSON texts, one a line, on a connection of a worker to its
 * node's socket file.
 *
 * worker → node: `hello` first; then `send`, answered by `sent` once it is durable and sent again
 * after a reconnect until then, under the same `txn`.
 * node → worker: `welcome` or `refused`; then `events` in the room's order. They aren't
 * acknowledged: after a reconnect the worker says what it holds, and the node sends the rest.
 * `secrets` comes after each `welcome` and when a secret or the policy has changed. It is no event of
 * the room and is kept nowhere.
 * @module
 */
import { z } from "zod";

/** From the worker. */
export const WorkerFrame = z.discriminatedUnion("op", [
  z.object({ op: z.literal("hello"), worker_id: z.string(), secret: z.string() }),
  z.object({
    op: z.literal("send"),
    /** Unique per worker instance; the node handles each once. 0: not kept, not answered. */
    txn: z.int().min(0),
    type: z.string(),
    /** Checked by its type's own schema; that it is JSON is known from its having been parsed. */
    content: z.unknown(),
  }),
]);
export type WorkerFrame = z.infer<typeof WorkerFrame>;

/** An event of the room as the worker sees it. */
export const LinkEvent = z.object({ seq: z.int(), type: z.string(), content: z.json() });
export type LinkEvent = z.infer<typeof LinkEvent>;

/** From the node. */
export const NodeFrame = z.discriminatedUnion("op", [
  z.object({ op: z.literal("welcome"), node_id: z.string(), room_id: z.string() }),
  z.object({ op: z.literal("refused"), code: z.string(), message: z.string() }),
  z.object({ op: z.literal("sent"), txn: z.int() }),
  z.object({ op: z.literal("events"), events: z.array(LinkEvent) }),
  /** Answers a heartbeat: a node that stands still keeps the connection and says nothing. */
  z.object({ op: z.literal("alive") }),
  /** Values by name: all that the worker's tasks may declare from now on. */
  z.object({ op: z.literal("secrets"), secrets: z.record(z.string(), z.string()) }),
]);
export type NodeFrame = z.infer<typeof NodeFrame>;

/** What a worker has to start the processes of tasks with: walls and limits of the machine. */
export const LaunchMeans = z.object({
  /** Absolute path of bubblewrap; null where it isn't there or doesn't work. */
  bubblewrap: z.string().nullable(),
  /** Arguments of bubblewrap that make up the read-only system behind walls. */
  system: z.array(z.string()),
  /**
   * Absolute paths that are taken away, whatever is granted: the node's own data before all. "hidden":
   * as whatever it is when a task begins.
   */
  taken: z.array(z.object({
    path: z.string(),
    as: z.enum(["hidden_file", "hidden_directory", "hidden", "read_only"]),
  })),
  /** For each slot the control groups that an attempt in it joins; null where there are none. */
  groups: z.array(z.object({
    /** Directories whose `cgroup.procs` takes the process. */
    join: z.array(z.string()),
    /** Directory with the memory limit, its peak and its kills. */
    memory: z.string().nullable(),
    cpu: z.string().nullable(),
    version: z.union([z.literal(1), z.literal(2)]),
  })).nullable(),
  /** Largest file in bytes that the worker and its tasks may write. */
  file_size: z.int().min(0),
  /** Processes and threads that one attempt may have, where no control group counts them. */
  pids: z.int().min(1).nullable(),
});
export type LaunchMeans = z.infer<typeof LaunchMeans>;

/** What a worker comes into its room on a homeserver with. */
export const RoomAccess = z.object({
  homeserver: z.string(),
  /** The homeserver's id of the room, or its alias. */
  room: z.string(),
  /** The worker's own account and its session. */
  user_id: z.string(),
  access_token: z.string(),
  /** The node's account: nobody else is listened to. */
  node: z.string(),
  /** What values of secrets come sealed with. */
  key: z.string(),
  /** Where tasks work by the node's paths, which mean this machine's own; absent: they are the same. */
  workspace: z.string().optional(),
});
export type RoomAccess = z.infer<typeof RoomAccess>;

/** What a worker process reads as the first line of its stdin; never in argv or environment. */
export const WorkerBootstrap = z.object({
  /** Absolute path of the node's socket file. */
  socket: z.string(),
  worker_id: z.string(),
  room_id: z.string(),
  instance: z.string(),
  secret: z.string(),
  /** Absolute directory where the scope's tasks work. */
  workspace: z.string(),
  /** Absolute directory for per-attempt temporary directories. */
  temp: z.string(),
  /** How many tasks run at once; `noop` takes no slot. */
  max_concurrent_tasks: z.int().min(1),
  heartbeat_ms: z.int().min(1),
  /** How long the worker goes on without its node before it ends itself. */
  orphan_grace_ms: z.int().min(0),
  /** Environment of every task: what the policy grants, such as PATH and LANG. */
  base_env: z.record(z.string(), z.string()),
  /** Values of the secrets that the scope's tasks may declare, by name. */
  secrets: z.record(z.string(), z.string()),
  launch: LaunchMeans,
  /** Where its room is, if not in the node. */
  homeserver: RoomAccess.optional(),
});
export type WorkerBootstrap = z.infer<typeof WorkerBootstrap>;
