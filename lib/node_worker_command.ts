/** How this node starts a worker: by its settings, the scope's policy and what the machine has. */
import { join } from "node:path";
import { type Config, denoDir, inheritedEnv } from "./config.ts";
import { nodeSocketPath } from "./matrix/node_socket.ts";
import type { RoomAccess } from "./schema/link_frames.ts";
import type { Policy } from "./schema/policy.ts";
import type { MachineMeans } from "./worker/machine_means.ts";
import { scopeLimits } from "./worker/scope_limits.ts";
import { takenPaths } from "./worker/taken_paths.ts";
import { type WorkerCommand, workerCommand, type WorkerPlace } from "./worker/worker_command.ts";
import { type WorkerSecretParts, workerSecrets } from "./worker/worker_secrets.ts";

/** What decides how workers are started. */
export interface NodeWorkerParts extends WorkerSecretParts {
  readonly config: Config;
  readonly machine: MachineMeans;
  /** Where a worker's room is, if not in the node. */
  readonly transport: { access(workerId: string): RoomAccess | undefined };
}

/** Everything that the process of a worker is started with: flags, environment, first line of stdin. */
export function nodeWorkerCommand(place: WorkerPlace, parts: NodeWorkerParts): WorkerCommand {
  const { config, policies, machine, transport } = parts;
  const cache = denoDir();
  const homeserver = transport.access(place.workerId);
  const { policy, ground, workspace } = policies.groundOf(place.scope);
  return workerCommand(place, {
    socket: nodeSocketPath(config.data_dir),
    policy,
    ground,
    workspace,
    temp: join(config.data_dir, "tmp"),
    heartbeatMs: config.heartbeat_ms,
    orphanGraceMs: config.orphan_grace_ms,
    secrets: workerSecrets(place.scope, parts),
    launch: machine.forWorker(place.workerId, {
      slots: policy.max_concurrent_tasks,
      limits: scopeLimits(policy),
      taken: takenPaths({ policy, ground, workspace }),
    }),
    ...(homeserver === undefined ? {} : { homeserver }),
    processEnv: {
      NO_COLOR: "1",
      // A program of its own accord reaches nothing.
      DENO_NO_UPDATE_CHECK: "1",
      ...(cache === undefined ? {} : { DENO_DIR: cache }),
    },
    taskEnv: environmentOf(policy),
  });
}

/** The variables of this node's environment that a policy grants. */
function environmentOf({ env, deny }: Policy): Record<string, string> {
  if (env === false || deny.env === true) return {};
  const granted = inheritedEnv(env);
  for (const name of deny.env || []) delete granted[name];
  return granted;
}
