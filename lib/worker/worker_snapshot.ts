/** A worker as others see it. */
import type { WorkerMachine } from "./worker_events.ts";
import type { WorkerRecord } from "./worker_store.ts";

/** A worker and what only memory knows of it. */
export type WorkerSnapshot = Readonly<WorkerRecord> & {
  readonly activeTasks: number;
  /** Why it isn't there yet for the runs that want it; null: it is, or none does. */
  readonly waitingFor: string | null;
};

/** Why a worker that has a place, or needs none yet, doesn't take what is ready. */
export function whyNotThere(
  worker: Pick<WorkerMachine, "outdated" | "restartAt" | "error">,
): string | null {
  if (worker.outdated !== null) return `waits until its worker is replaced: ${worker.outdated}`;
  if (worker.restartAt === null) return null;
  const at = new Date(worker.restartAt).toISOString();
  return `waits for its worker, which is started again at ${at} after: ${worker.error}`;
}
