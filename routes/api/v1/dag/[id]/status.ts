import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireDag } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { dagStatus } from "../../../../../lib/scheduler/run_views.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) => dagStatus(requireDag(call), call.node)),
});
