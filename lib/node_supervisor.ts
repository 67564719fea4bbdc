/** How this node looks after its workers: by its settings, the scopes' policies and the machine. */
import type { Config } from "./config.ts";
import type { Database } from "./db/database.ts";
import type { MachineMeans } from "./worker/machine_means.ts";
import { scopeLimits } from "./worker/scope_limits.ts";
import type { ScopePolicies } from "./worker/scope_policies.ts";
import { Supervisor } from "./worker/supervisor.ts";
import type { WorkerCommand, WorkerPlace } from "./worker/worker_command.ts";
import type { WorkerHistory } from "./worker/worker_history.ts";
import { WorkerStore } from "./worker/worker_store.ts";

/** What decides how workers are looked after. */
export interface NodeSupervisorParts {
  readonly config: Config;
  readonly db: Database;
  readonly history: WorkerHistory;
  readonly policies: ScopePolicies;
  /** What the machine has; another once the node has started. */
  readonly machine: () => MachineMeans;
  readonly command: (place: WorkerPlace) => WorkerCommand;
  /** Directory of the workers' own temporary directories. */
  readonly temp: string;
  readonly obstacle: (workerId: string) => string | undefined;
  readonly random: () => number;
  readonly report: (line: string) => void;
}

/** The supervisor of a node's workers, not yet connected. */
export function nodeSupervisor(parts: NodeSupervisorParts): Supervisor {
  const { config, db, history, policies, machine, command, temp, ...rest } = parts;
  return new Supervisor({
    db,
    store: new WorkerStore(db),
    history,
    settings: {
      nodeId: config.node_id,
      temp,
      slots: ({ scope }) => policies.of(scope).max_concurrent_tasks,
      readyTimeoutMs: config.ready_timeout_ms,
      reconnectGraceMs: config.reconnect_grace_ms,
      idleExitMs: config.idle_exit_ms,
      stopGraceMs: config.stop_grace_ms,
      restartLimit: config.restart_limit,
      maxWorkers: config.max_workers,
      hungAfterMs: Math.max(config.hung_after_ms, 3 * config.heartbeat_ms),
    },
    command,
    prepare: ({ workerId, scope }) => {
      const policy = policies.of(scope);
      const slots = policy.max_concurrent_tasks;
      machine().prepare(workerId, { slots, limits: scopeLimits(policy) });
    },
    ...rest,
  });
}
