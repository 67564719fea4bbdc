import { requireDag, requireSeenVersion } from "../../../../../lib/api/require_seen.ts";
import { runAction } from "../../../../../lib/api/run_action.ts";
import { define } from "../../../../../lib/api/state.ts";
import { runAgain } from "../../../../../lib/scheduler/run_actions.ts";

export const handler = define.handlers({
  POST: runAction({
    action: "dag.run",
    target: ({ param }) => param("id"),
    require: requireDag,
    perform: (tx, call) =>
      runAgain(tx, call.node, {
        dagId: call.param("id"),
        by: call.principal.tokenId,
        requireMayRun: (version) => requireSeenVersion(call, version),
      }),
    message: (row) => `Version ${row.version} of ${row.dag_id} runs as ${row.run_id}.`,
  }),
});
