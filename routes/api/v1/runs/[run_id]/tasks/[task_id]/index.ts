import { endpoint } from "../../../../../../../lib/api/endpoint.ts";
import { requireSeenTask } from "../../../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../../../lib/api/state.ts";
import { runView } from "../../../../../../../lib/scheduler/run_views.ts";
import { withWaiting } from "../../../../../../../lib/scheduler/waiting_views.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) => {
    const { run, taskId } = requireSeenTask(call);
    return withWaiting(runView(run, call.node), call.node).tasks.find((task) =>
      task.task_id === taskId
    );
  }),
});
