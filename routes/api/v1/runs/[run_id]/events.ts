import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireSeenRun } from "../../../../../lib/api/require_seen.ts";
import { runEventStream } from "../../../../../lib/api/run_stream.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint(
    "viewer",
    (call) => runEventStream(call.ctx.req, call.node, requireSeenRun(call).run_id),
  ),
});
