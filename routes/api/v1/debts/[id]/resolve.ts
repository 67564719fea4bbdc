import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireSeenDebt } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { resolveDebt } from "../../../../../lib/scheduler/resolve_debt.ts";
import { type DebtAnswer, ResolveBody } from "../../../../../lib/schema/debt.ts";

export const handler = define.handlers({
  POST: endpoint("approver", async (call): Promise<DebtAnswer> => {
    const { node, principal } = call;
    const { debt_id } = requireSeenDebt(call);
    const { reason, resume } = call.body(ResolveBody);
    const row = await node.db.write((tx) => {
      const order = { debtId: debt_id, by: principal.tokenId, reason, resume };
      const resolved = resolveDebt(tx, node, order);
      node.audit.append(tx, {
        tokenId: principal.tokenId,
        action: "debt.resolve",
        target: debt_id,
        outcome: "done",
        detail: { reason, run_id: resolved.resumed_by_run },
      });
      return resolved;
    });
    const again = row.resumed_by_run === null
      ? "its task is not run again"
      : `${row.resumed_by_run} runs its task again`;
    return {
      success: true,
      debt_id,
      status: row.status,
      run_id: row.resumed_by_run,
      message: `The debt of "${row.task_id}" is resolved; ${again}.`,
    };
  }),
});
