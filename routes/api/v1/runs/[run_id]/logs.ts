import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { logAnswer } from "../../../../../lib/api/log_answer.ts";
import { requireSeenRun } from "../../../../../lib/api/require_seen.ts";
import { remoteLog } from "../../../../../lib/api/remote_log.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", async (call) => {
    const { node, ctx } = call;
    const runId = requireSeenRun(call).run_id;
    return await remoteLog(call, { runId }) ?? logAnswer(ctx.req, {
      node,
      source: { runId },
      isOver: () => node.runs.isOver(runId),
    });
  }),
});
