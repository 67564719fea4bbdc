import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireSeenDecision } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { decisionView } from "../../../../../lib/scheduler/decision_views.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) => decisionView(requireSeenDecision(call), call.node.decisions)),
});
