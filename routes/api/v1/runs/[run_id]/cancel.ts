import { requireSeenRun } from "../../../../../lib/api/require_seen.ts";
import { runAction } from "../../../../../lib/api/run_action.ts";
import { define } from "../../../../../lib/api/state.ts";
import { cancelRun } from "../../../../../lib/scheduler/run_actions.ts";

export const handler = define.handlers({
  POST: runAction({
    action: "run.cancel",
    target: ({ param }) => param("run_id"),
    require: requireSeenRun,
    perform: (tx, { node, principal, param }) =>
      cancelRun(tx, node, { runId: param("run_id"), byName: principal.name }),
    message: (row) =>
      row.status === "cancelled"
        ? `The run ${row.run_id} is cancelled; what was running is being ended.`
        : `The run ${row.run_id} has ${row.status} before; rolling it back is being ended.`,
  }),
});
