/** How this node looks after its workers: by its settings, the scopes' policies and the machine. */
import type { Config } from "./config.ts";
import type { Database } from "./db/database.ts";
import { startElsewhereText } from "./homeserver_workers.ts";
import { scopeElsewhere, workersElsewhere } from "./workers_elsewhere.ts";
import type { NodeTransport } from "./matrix/node_transport.ts";
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
  /** The way to workers; there once the node is put together. */
  readonly transport: () => NodeTransport;
  readonly random: () => number;
  readonly report: (line: string) => void;
}

/** The supervisor of a node's workers, not yet connected. */
export function nodeSupervisor(parts: NodeSupervisorParts): Supervisor {
  const { config, db, history, policies, machine, command, temp, transport, ...rest } = parts;
  const supervisor = new Supervisor({
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
    obstacle: (workerId) => transport().troubleOf(workerId) ?? absence(workerId),
    elsewhere: workersElsewhere(config, { db, transport }),
    ...rest,
  });
  return supervisor;

  function absence(workerId: string): string | undefined {
    if (scopeElsewhere(config, workerId) === undefined) return undefined;
    if (supervisor.ready(workerId) !== undefined) return undefined;
    const alias = transport().homeserver?.handover(workerId)?.alias;
    return `its worker is not there: ${startElsewhereText(workerId, { config, alias })}`;
  }
}
