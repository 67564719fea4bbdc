/** A worker with what became of it: its changes of state, and its memory and CPU over time. */
import { isoTime } from "../scheduler/iso_time.ts";
import type { WorkerDetailView } from "../schema/api.ts";
import type { WorkerHistory } from "../worker/worker_history.ts";
import type { WorkerSnapshot } from "../worker/worker_snapshot.ts";
import { workerView } from "./worker_view.ts";

/** Changes that are shown. */
const CHANGES = 50;
/** Samples that are shown: an hour, with one each ten seconds. */
const SAMPLES = 360;

export function workerDetail(worker: WorkerSnapshot, history: WorkerHistory): WorkerDetailView {
  return {
    ...workerView(worker),
    history: history.entries(worker.workerId, CHANGES).map((entry) => ({
      time: isoTime(entry.time),
      status: entry.status,
      reason: entry.reason,
      pid: entry.pid,
      restarts: entry.restarts,
      last_lines: [...entry.lastLines],
    })),
    samples: history.samples(worker.workerId, SAMPLES).map((sample) => ({
      time: isoTime(sample.time),
      rss: sample.rss,
      cpu_ms: sample.cpuMs,
      active_tasks: sample.activeTasks,
    })),
  };
}
