import { requireSeenRun } from "../../../../../lib/api/require_seen.ts";
import { runAction } from "../../../../../lib/api/run_action.ts";
import { define } from "../../../../../lib/api/state.ts";
import { retryRun } from "../../../../../lib/scheduler/run_actions.ts";
import { RetryBody } from "../../../../../lib/schema/api.ts";

export const handler = define.handlers({
  POST: runAction({
    action: "run.retry",
    target: ({ param }) => param("run_id"),
    require: requireSeenRun,
    perform: (tx, { node, principal, param, body }) => {
      const { from_scratch: fromScratch, task_id: taskId } = body(RetryBody);
      const order = { runId: param("run_id"), by: principal.tokenId, fromScratch };
      return retryRun(tx, node, taskId === undefined ? order : { ...order, taskId });
    },
    message: (row) => `${row.run_id} takes the place of ${row.retry_of}.`,
  }),
});
