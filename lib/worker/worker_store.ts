/** Workers as rows of `workers`: what a restarted node has to know of the processes it finds. */
import type { Database } from "../db/database.ts";
import { fromDbFields, type Scope, toDbFields } from "../schema/scope.ts";
import type { WorkerState } from "../schema/states.ts";

/** A worker as kept. Times in epoch milliseconds. */
export interface WorkerRecord {
  readonly workerId: string;
  readonly scope: Scope;
  readonly roomId: string;
  readonly nodeId: string;
  status: WorkerState;
  managedBy: "node" | "cli";
  /** One life of the process. */
  instance: string;
  secretHash: string;
  pid: number | null;
  /** Which process had that pid (`processIdentity`). */
  pidStarted: string | null;
  flags: readonly string[];
  startedAt: number | null;
  lastHeartbeat: number | null;
  /** Resident memory in bytes. */
  rss: number | null;
  /** CPU time of the process so far. */
  cpuMs: number | null;
  restarts: number;
  crashesInRow: number;
  /** When it is started again, while it waits for that after a crash. */
  restartAt: number | null;
  /** Hash of the command that the process was started with, without its secrets. */
  commandHash: string | null;
  error: string | null;
}

interface WorkerRow {
  worker_id: string;
  scope_type: string;
  scope_id: string | null;
  room_id: string;
  node_id: string;
  status: WorkerState;
  managed_by: "node" | "cli";
  reused: number;
  instance: string;
  secret_hash: string;
  pid: number | null;
  pid_started: string | null;
  flags: string;
  started_at: number | null;
  last_heartbeat: number | null;
  rss: number | null;
  cpu_ms: number | null;
  restarts: number;
  crashes_in_row: number;
  restart_at: number | null;
  command_hash: string | null;
  error: string | null;
}

/** What is not known yet of a process. */
export const NEW_LIFE = {
  pid: null,
  pidStarted: null,
  rss: null,
  cpuMs: null,
  lastHeartbeat: null,
  activeTasks: 0,
} as const;

/** A worker that never ran, and that no row tells of. */
export function newRecord(
  names: Pick<WorkerRecord, "workerId" | "scope" | "roomId" | "nodeId">,
): WorkerRecord {
  return {
    ...names,
    status: "stopped",
    managedBy: "node",
    instance: "",
    secretHash: "",
    pid: null,
    pidStarted: null,
    flags: [],
    startedAt: null,
    lastHeartbeat: null,
    rss: null,
    cpuMs: null,
    restarts: 0,
    crashesInRow: 0,
    restartAt: null,
    commandHash: null,
    error: null,
  };
}

export class WorkerStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Writes a worker as it is, within a transaction. */
  save(worker: WorkerRecord): void {
    const { scope_type, scope_id } = toDbFields(worker.scope);
    const reused = worker.scope.type !== "project" || worker.scope.reuse_worker ? 1 : 0;
    this.#db.run(
      `INSERT INTO workers (worker_id, scope_type, scope_id, room_id, node_id, status, managed_by,
        reused, instance, secret_hash, pid, pid_started, flags, started_at, last_heartbeat, rss,
        cpu_ms, restarts, crashes_in_row, restart_at, command_hash, error)
       VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
       ON CONFLICT (worker_id) DO UPDATE SET status = excluded.status,
        managed_by = excluded.managed_by, instance = excluded.instance,
        secret_hash = excluded.secret_hash, pid = excluded.pid, pid_started = excluded.pid_started,
        flags = excluded.flags, started_at = excluded.started_at,
        last_heartbeat = excluded.last_heartbeat, rss = excluded.rss, cpu_ms = excluded.cpu_ms,
        restarts = excluded.restarts, crashes_in_row = excluded.crashes_in_row,
        restart_at = excluded.restart_at, command_hash = excluded.command_hash,
        error = excluded.error`,
      worker.workerId,
      scope_type,
      scope_id,
      worker.roomId,
      worker.nodeId,
      worker.status,
      worker.managedBy,
      reused,
      worker.instance,
      worker.secretHash,
      worker.pid,
      worker.pidStarted,
      JSON.stringify(worker.flags),
      worker.startedAt,
      worker.lastHeartbeat,
      worker.rss,
      worker.cpuMs,
      worker.restarts,
      worker.crashesInRow,
      worker.restartAt,
      worker.commandHash,
      worker.error,
    );
  }

  /** Writes what a heartbeat tells. */
  saveHeartbeat(worker: WorkerRecord): void {
    this.#db.run(
      "UPDATE workers SET last_heartbeat = ?, rss = ?, cpu_ms = ? WHERE worker_id = ?",
      worker.lastHeartbeat,
      worker.rss,
      worker.cpuMs,
      worker.workerId,
    );
  }

  /** Forgets a worker. */
  delete(workerId: string): void {
    this.#db.run("DELETE FROM workers WHERE worker_id = ?", workerId);
  }

  /** All workers, by id. */
  list(): WorkerRecord[] {
    return this.#db.all<WorkerRow>("SELECT * FROM workers ORDER BY worker_id").map((row) => ({
      workerId: row.worker_id,
      scope: fromDbFields(row, { reuse_worker: row.reused === 1 }),
      roomId: row.room_id,
      nodeId: row.node_id,
      status: row.status,
      managedBy: row.managed_by,
      instance: row.instance,
      secretHash: row.secret_hash,
      pid: row.pid,
      pidStarted: row.pid_started,
      flags: JSON.parse(row.flags) as string[],
      startedAt: row.started_at,
      lastHeartbeat: row.last_heartbeat,
      rss: row.rss,
      cpuMs: row.cpu_ms,
      restarts: row.restarts,
      crashesInRow: row.crashes_in_row,
      restartAt: row.restart_at,
      commandHash: row.command_hash,
      error: row.error,
    }));
  }
}
