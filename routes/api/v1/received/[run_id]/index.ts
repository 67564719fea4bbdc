import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireReceivedRun } from "../../../../../lib/api/execute_run.ts";
import { define } from "../../../../../lib/api/state.ts";
import { runView } from "../../../../../lib/scheduler/run_views.ts";

export const handler = define.handlers({
  GET: endpoint("node", (call) => runView(requireReceivedRun(call), call.node)),
});
