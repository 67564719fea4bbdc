import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { define } from "../../../../../lib/api/state.ts";
import { reject } from "../../../../../lib/scheduler/reject.ts";
import { RejectBody } from "../../../../../lib/schema/api.ts";

export const handler = define.handlers({
  POST: endpoint("approver", async (call) => {
    const { node, principal } = call;
    const dagId = call.param("id");
    const { reason, spec_hash } = call.body(RejectBody);
    const row = await node.db.write((tx) => {
      const rejected = reject(tx, node, {
        dagId,
        specHash: spec_hash,
        rejectedBy: principal.tokenId,
        reason,
      });
      node.audit.append(tx, {
        tokenId: principal.tokenId,
        action: "dag.reject",
        target: dagId,
        outcome: "done",
        detail: { version: rejected.version, reason },
      });
      return rejected;
    });
    return {
      success: true,
      dag_id: row.dag_id,
      version: row.version,
      spec_hash: row.spec_hash,
      status: row.status,
      reason,
      message:
        `Version ${row.version} of ${row.dag_id} is rejected; its publisher sees why in its status.`,
    };
  }),
});
