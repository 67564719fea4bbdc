/** Endpoints that do something to a worker: alike but for what they do. */
import type { Context } from "fresh";
import type { WorkerSnapshot } from "../worker/worker_snapshot.ts";
import { type Call, endpoint } from "./endpoint.ts";
import { requireWorker } from "./require_seen.ts";
import type { State } from "./state.ts";

/** One such endpoint. */
export interface WorkerAction {
  /** For the audit log, such as "worker.stop". */
  readonly action: string;
  perform(call: Call): WorkerSnapshot;
  message(worker: WorkerSnapshot): string;
}

/** Makes the endpoint: for admins, audited. */
export function workerAction(action: WorkerAction): (ctx: Context<State>) => Promise<Response> {
  return endpoint("admin", async (call) => {
    requireWorker(call);
    const worker = action.perform(call);
    await call.node.db.write((tx) =>
      call.node.audit.append(tx, {
        tokenId: call.principal.tokenId,
        action: action.action,
        target: worker.workerId,
        outcome: "done",
      })
    );
    return {
      success: true,
      worker_id: worker.workerId,
      status: worker.status,
      message: action.message(worker),
    };
  });
}
