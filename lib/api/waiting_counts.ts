import { maySee, type Principal } from "../auth/principal.ts";
import type { Node } from "../node.ts";
import { hasRole } from "../schema/roles.ts";
import { fromDbFields, scopeKey } from "../schema/scope.ts";
import { NOTHING_WAITS, type WaitingCounts } from "../schema/waiting_counts.ts";

/** How much waits that this visitor may see. Asked for with each page, and so without the documents. */
export function waitingCounts(
  { specs, decisions, db, isReady }: Node,
  principal: Principal | undefined,
): WaitingCounts {
  if (!isReady || principal === undefined || !hasRole(principal.roles, "viewer")) {
    return NOTHING_WAITS;
  }
  const now = db.now();
  const sum = (rows: ReturnType<Node["specs"]["countWaiting"]>): number =>
    rows.filter((row) => maySee(principal, scopeKey(fromDbFields(row))))
      .reduce((total, { count }) => total + count, 0);
  return {
    confirmations: sum(specs.countWaiting(now)),
    decisions: sum(decisions.countOpen(now)),
  };
}
