/** How a worker process is started: one function for the node and for `worker start`. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkerBootstrap } from "../schema/link_frames.ts";
import { type Scope, scopeKey } from "../schema/scope.ts";
import { permissionFlags } from "./permission_flags.ts";
import type { Policy } from "../schema/policy.ts";
import type { OwnGround } from "./own_ground.ts";

/** Who the worker will be. */
export interface WorkerPlace {
  readonly workerId: string;
  readonly scope: Scope;
  readonly roomId: string;
  readonly nodeId: string;
  readonly instance: string;
  /** What it proves itself with; goes to its stdin only. */
  readonly secret: string;
}

/** Everything that a spawn needs. */
export interface WorkerCommand {
  /** Arguments after the Deno executable. */
  readonly argv: string[];
  /** The permission flags among them, to show. */
  readonly flags: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly bootstrap: WorkerBootstrap;
}

/** The node's side of a worker's life. */
export interface WorkerSettings {
  /** Absolute path of the node's socket file. */
  readonly socket: string;
  readonly policy: Policy;
  /** What the node takes away from the scope's tasks in every case. */
  readonly ground: OwnGround;
  readonly workspace: string;
  readonly temp: string;
  readonly heartbeatMs: number;
  readonly orphanGraceMs: number;
  /** Values of the secrets that its tasks may declare. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly launch: WorkerBootstrap["launch"];
  /** Where its room is, if not in the node. */
  readonly homeserver?: WorkerBootstrap["homeserver"];
  /** Environment of the worker process itself. */
  readonly processEnv: Readonly<Record<string, string>>;
  /** Environment of its tasks. */
  readonly taskEnv: Readonly<Record<string, string>>;
}

const CHILD = fileURLToPath(new URL("./child/main.ts", import.meta.url));

/** Builds the command line, environment and first line of stdin of a worker process. */
export function workerCommand(place: WorkerPlace, settings: WorkerSettings): WorkerCommand {
  const { workspace, policy } = settings;
  // Its own, so that it can't look into those of other workers.
  const temp = join(settings.temp, place.workerId);
  mkdirSync(workspace, { recursive: true });
  mkdirSync(settings.temp, { recursive: true, mode: 0o700 });
  const grants = {
    socket: settings.socket,
    workspace,
    temp,
    denoPath: Deno.execPath(),
    bubblewrap: settings.launch.bubblewrap,
    ground: settings.ground,
    ...(settings.homeserver === undefined ? {} : { homeserver: settings.homeserver.homeserver }),
  };
  const flags = permissionFlags(policy, grants);
  return {
    argv: [
      "run",
      "--no-config",
      "--no-lock",
      "--no-remote",
      ...flags,
      CHILD,
      "--worker-id",
      place.workerId,
      "--room",
      place.roomId,
      "--scope",
      scopeKey(place.scope),
      "--parent-node",
      place.nodeId,
    ],
    flags,
    env: { ...settings.processEnv },
    cwd: workspace,
    bootstrap: {
      socket: settings.socket,
      worker_id: place.workerId,
      room_id: place.roomId,
      instance: place.instance,
      secret: place.secret,
      workspace,
      temp,
      max_concurrent_tasks: policy.max_concurrent_tasks,
      heartbeat_ms: settings.heartbeatMs,
      orphan_grace_ms: settings.orphanGraceMs,
      base_env: { ...settings.taskEnv },
      secrets: { ...settings.secrets },
      launch: settings.launch,
      ...(settings.homeserver === undefined ? {} : { homeserver: settings.homeserver }),
    },
  };
}
