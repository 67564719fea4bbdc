import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireWorker } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { workerView } from "../../../../../lib/api/worker_view.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) => workerView(requireWorker(call))),
});
