import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireReceivedRun } from "../../../../../lib/api/execute_run.ts";
import { logAnswer } from "../../../../../lib/api/log_answer.ts";
import { define } from "../../../../../lib/api/state.ts";
import { isFinalRun } from "../../../../../lib/schema/states.ts";

export const handler = define.handlers({
  GET: endpoint("node", (call) => {
    const { node, ctx } = call;
    const runId = requireReceivedRun(call).run_id;
    const taskId = ctx.url.searchParams.get("task_id");
    return logAnswer(ctx.req, {
      node,
      source: taskId === null ? { runId } : { runId, taskId },
      isOver: () => isFinalRun(node.runs.load(runId)?.status ?? "failed"),
    });
  }),
});
