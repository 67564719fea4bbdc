import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { logAnswer } from "../../../../../lib/api/log_answer.ts";
import { requireWorker } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) =>
    logAnswer(call.ctx.req, {
      node: call.node,
      source: { workerId: requireWorker(call).workerId },
      isOver: () => false,
    })),
});
