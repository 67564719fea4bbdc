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
  pidStarted: string | null;
  flags: readonly string[];
  startedAt: number | null;
  lastHeartbeat: number | null;
  /** Resident memory in bytes. */
  rss: number | null;
  restarts: number;
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
  restarts: number;
  error: string | null;
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
        restarts, error) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
       ON CONFLICT (worker_id) DO UPDATE SET status = excluded.status,
        managed_by = excluded.managed_by, instance = excluded.instance,
        secret_hash = excluded.secret_hash, pid = excluded.pid, pid_started = excluded.pid_started,
        flags = excluded.flags, started_at = excluded.started_at,
        last_heartbeat = excluded.last_heartbeat, rss = excluded.rss,
        restarts = excluded.restarts, error = excluded.error`,
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
      worker.restarts,
      worker.error,
    );
  }

  /** Writes what a heartbeat tells. */
  saveHeartbeat(worker: WorkerRecord): void {
    this.#db.run(
      "UPDATE workers SET last_heartbeat = ?, rss = ? WHERE worker_id = ?",
      worker.lastHeartbeat,
      worker.rss,
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
      restarts: row.restarts,
      error: row.error,
    }));
  }
}
