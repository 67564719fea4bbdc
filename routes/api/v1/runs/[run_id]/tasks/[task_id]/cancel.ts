import { endpoint } from "../../../../../../../lib/api/endpoint.ts";
import { requireSeenTask } from "../../../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../../../lib/api/state.ts";
import { cancelTask } from "../../../../../../../lib/scheduler/cancel_task.ts";
import type { TaskActionAnswer } from "../../../../../../../lib/schema/api.ts";

export const handler = define.handlers({
  POST: endpoint("approver", async (call): Promise<TaskActionAnswer> => {
    const { node, principal } = call;
    const { run: { run_id }, taskId } = requireSeenTask(call);
    const status = await node.db.write((tx) => {
      const order = { runId: run_id, taskId, byName: principal.name };
      const cancelled = cancelTask(tx, node, order);
      node.audit.append(tx, {
        tokenId: principal.tokenId,
        action: "task.cancel",
        target: run_id,
        outcome: "done",
        detail: { task_id: taskId },
      });
      return cancelled;
    });
    return {
      success: true,
      run_id,
      task_id: taskId,
      status,
      message: `The task "${taskId}" of ${run_id} is cancelled.`,
    };
  }),
});
