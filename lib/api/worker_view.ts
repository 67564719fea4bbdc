/** A worker as the API shows it; what is known of a process only while there is one. */
import { isoTime } from "../scheduler/iso_time.ts";
import type { WorkerView } from "../schema/api.ts";
import type { WorkerSnapshot } from "../worker/worker_snapshot.ts";

export function workerView(worker: WorkerSnapshot): WorkerView {
  const hasProcess = ["starting", "running", "stopping"].includes(worker.status);
  return {
    worker_id: worker.workerId,
    scope: worker.scope,
    room_id: worker.roomId,
    node_id: worker.nodeId,
    pid: hasProcess ? worker.pid : null,
    status: worker.status,
    started_at: isoTime(worker.startedAt),
    last_heartbeat: isoTime(worker.lastHeartbeat),
    restarts: worker.restarts,
    active_tasks: hasProcess ? worker.activeTasks : 0,
    rss: hasProcess ? worker.rss : null,
    cpu_ms: hasProcess ? worker.cpuMs : null,
    crashes_in_row: worker.crashesInRow,
    restart_at: isoTime(worker.restartAt),
    waiting_for: worker.waitingFor,
    managed_by: worker.managedBy,
    error: worker.error,
    permission_flags: [...worker.flags],
  };
}
