import { requireDag } from "../../../../../lib/api/require_seen.ts";
import { runAction } from "../../../../../lib/api/run_action.ts";
import { define } from "../../../../../lib/api/state.ts";
import { runAgain } from "../../../../../lib/scheduler/run_actions.ts";

export const handler = define.handlers({
  POST: runAction({
    action: "dag.run",
    target: (call) => requireDag(call).dag_id,
    perform: (tx, { node, principal, param }) =>
      runAgain(tx, node, { dagId: param("id"), by: principal.tokenId }),
    message: (row) => `Version ${row.version} of ${row.dag_id} runs as ${row.run_id}.`,
  }),
});
