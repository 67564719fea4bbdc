/** A worker as the API shows it. */
import { isoTime } from "../scheduler/iso_time.ts";
import type { WorkerView } from "../schema/api.ts";
import type { WorkerSnapshot } from "../worker/worker_snapshot.ts";

export function workerView(worker: WorkerSnapshot): WorkerView {
  return {
    worker_id: worker.workerId,
    scope: worker.scope,
    room_id: worker.roomId,
    node_id: worker.nodeId,
    pid: worker.pid,
    status: worker.status,
    started_at: isoTime(worker.startedAt),
    last_heartbeat: isoTime(worker.lastHeartbeat),
    restarts: worker.restarts,
    active_tasks: worker.activeTasks,
    rss: worker.rss,
    cpu_ms: worker.cpuMs,
    crashes_in_row: worker.crashesInRow,
    restart_at: isoTime(worker.restartAt),
    waiting_for: worker.waitingFor,
    managed_by: worker.managedBy,
    error: worker.error,
    permission_flags: [...worker.flags],
  };
}
