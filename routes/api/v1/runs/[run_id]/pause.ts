import { requireSeenRun } from "../../../../../lib/api/require_seen.ts";
import { runAction } from "../../../../../lib/api/run_action.ts";
import { define } from "../../../../../lib/api/state.ts";
import { pauseRun } from "../../../../../lib/scheduler/run_actions.ts";

export const handler = define.handlers({
  POST: runAction({
    action: "run.pause",
    target: ({ param }) => param("run_id"),
    require: requireSeenRun,
    perform: (tx, { node, param }) => pauseRun(tx, node, param("run_id")),
    message: (row) =>
      `The run ${row.run_id} is ${row.status}; what runs goes on, nothing new starts.`,
  }),
});
