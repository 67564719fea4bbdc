import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireReceivedRun } from "../../../../../lib/api/execute_run.ts";
import { runEventStream } from "../../../../../lib/api/run_stream.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint(
    "node",
    (call) => runEventStream(call.ctx.req, call.node, requireReceivedRun(call).run_id),
  ),
});
