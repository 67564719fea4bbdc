import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireSeenRun } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { runView } from "../../../../../lib/scheduler/run_views.ts";
import { withWaiting } from "../../../../../lib/scheduler/waiting_views.ts";

export const handler = define.handlers({
  GET: endpoint(
    "viewer",
    (call) => withWaiting(runView(requireSeenRun(call), call.node), call.node),
  ),
});
