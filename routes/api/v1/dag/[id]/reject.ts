import { changeEndpoint } from "../../../../../lib/api/change_endpoint.ts";
import { define } from "../../../../../lib/api/state.ts";
import { reject } from "../../../../../lib/scheduler/reject.ts";
import { RejectBody } from "../../../../../lib/schema/api.ts";

export const handler = define.handlers({
  POST: changeEndpoint({
    role: "approver",
    action: "dag.reject",
    target: ({ param }) => param("id"),
    prepare: (call) => {
      const { node, principal } = call;
      const { reason, spec_hash: specHash } = call.body(RejectBody);
      const order = { dagId: call.param("id"), specHash, rejectedBy: principal.tokenId, reason };
      return (tx) => {
        const { dag_id, version, spec_hash, status } = reject(tx, node, order);
        const message =
          `Version ${version} of ${dag_id} is rejected; its publisher sees why in its status.`;
        return {
          answer: { success: true, dag_id, version, spec_hash, status, reason, message },
          detail: { version, reason },
        };
      };
    },
  }),
});
