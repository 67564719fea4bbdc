import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { define } from "../../../../../lib/api/state.ts";
import { confirm } from "../../../../../lib/scheduler/confirm.ts";
import { ConfirmBody } from "../../../../../lib/schema/api.ts";

export const handler = define.handlers({
  POST: endpoint("approver", async (call) => {
    const { node, principal } = call;
    const dagId = call.param("id");
    const { spec_hash } = call.body(ConfirmBody);
    const row = await node.db.write((tx) => {
      const confirmed = confirm(tx, {
        ...node,
        separationOfDuties: node.config.separation_of_duties,
      }, { dagId, specHash: spec_hash, confirmedBy: principal.tokenId });
      node.audit.append(tx, {
        tokenId: principal.tokenId,
        action: "dag.confirm",
        target: dagId,
        outcome: "done",
        detail: { version: confirmed.version, spec_hash: confirmed.spec_hash },
      });
      return confirmed;
    });
    return {
      success: true,
      dag_id: row.dag_id,
      run_id: row.run_id,
      version: row.version,
      spec_hash: row.spec_hash,
      tasks_count: row.tasks_count,
      message: `Version ${row.version} of ${row.dag_id} is confirmed; its run is ${row.run_id}.`,
    };
  }),
});
