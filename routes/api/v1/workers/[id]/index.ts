import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireWorker } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { workerDetail } from "../../../../../lib/api/worker_detail.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) => workerDetail(requireWorker(call), call.node.workerHistory)),
});
