/** Endpoints that do something to a worker: alike but for what they do. */
import type { Context } from "fresh";
import type { WorkerActionAnswer } from "../schema/api.ts";
import type { WorkerSnapshot } from "../worker/worker_snapshot.ts";
import { changeEndpoint } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";
import { requireWorker } from "./require_seen.ts";
import type { State } from "./state.ts";

/** One such endpoint. */
export interface WorkerAction {
  /** For the audit log, such as "worker.stop". */
  readonly action: string;
  perform(call: Call): WorkerSnapshot | Promise<WorkerSnapshot>;
  message(worker: WorkerSnapshot): string;
}

/** Makes the endpoint: for admins, audited. */
export function workerAction(action: WorkerAction): (ctx: Context<State>) => Promise<Response> {
  return changeEndpoint<WorkerActionAnswer>({
    role: "admin",
    action: action.action,
    target: ({ param }) => param("id"),
    prepare: async (call) => {
      requireWorker(call);
      // Here and not in the transaction: the supervisor queues a write of its own, which so comes
      // into the same commit.
      const worker = await action.perform(call);
      const { workerId: worker_id, status } = worker;
      return () => ({
        answer: { success: true, worker_id, status, message: action.message(worker) },
      });
    },
  });
}
