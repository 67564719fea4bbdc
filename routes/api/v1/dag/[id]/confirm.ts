import { changeEndpoint } from "../../../../../lib/api/change_endpoint.ts";
import { define } from "../../../../../lib/api/state.ts";
import { confirm } from "../../../../../lib/scheduler/confirm.ts";
import { ConfirmBody } from "../../../../../lib/schema/api.ts";

export const handler = define.handlers({
  POST: changeEndpoint({
    role: "approver",
    action: "dag.confirm",
    target: ({ param }) => param("id"),
    prepare: (call) => {
      const { node, principal } = call;
      const dagId = call.param("id");
      const { spec_hash: specHash } = call.body(ConfirmBody);
      const separationOfDuties = node.config.separation_of_duties;
      return (tx) => {
        const { dag_id, run_id, version, spec_hash, tasks_count } = confirm(
          tx,
          { ...node, separationOfDuties },
          { dagId, specHash, confirmedBy: principal.tokenId },
        );
        const message = `Version ${version} of ${dag_id} is confirmed; its run is ${run_id}.`;
        return {
          answer: { success: true, dag_id, run_id, version, spec_hash, tasks_count, message },
          detail: { version, spec_hash },
        };
      };
    },
  }),
});
