import { endpoint } from "../../../../../../../lib/api/endpoint.ts";
import { logAnswer } from "../../../../../../../lib/api/log_answer.ts";
import { requireSeenTask } from "../../../../../../../lib/api/require_seen.ts";
import { remoteLog } from "../../../../../../../lib/api/remote_log.ts";
import { define } from "../../../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", async (call) => {
    const { node, ctx } = call;
    const { run, taskId } = requireSeenTask(call);
    return await remoteLog(call, { runId: run.run_id, taskId }) ?? logAnswer(ctx.req, {
      node,
      source: { runId: run.run_id, taskId },
      isOver: () => node.runs.isOver(run.run_id),
    });
  }),
});
