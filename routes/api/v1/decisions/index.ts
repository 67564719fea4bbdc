import { decisionFilter } from "../../../../lib/api/decision_filter.ts";
import { endpoint } from "../../../../lib/api/endpoint.ts";
import { encodeCursor } from "../../../../lib/api/paging.ts";
import { define } from "../../../../lib/api/state.ts";
import { maySee } from "../../../../lib/auth/principal.ts";
import { decisionView } from "../../../../lib/scheduler/decision_views.ts";
import { fromDbFields, scopeKey } from "../../../../lib/schema/scope.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ ctx, node, principal }) => {
    const filter = decisionFilter(ctx.url);
    const rows = node.decisions.list({ ...filter, limit: filter.limit + 1 });
    const shown = rows.slice(0, filter.limit);
    const decisions = shown.filter((row) => maySee(principal, scopeKey(fromDbFields(row))))
      .map((row) => decisionView(row, node.decisions));
    const last = shown.at(-1);
    const next_cursor = rows.length > filter.limit && last !== undefined
      ? encodeCursor([last.created_at, last.decision_id])
      : null;
    return { count: decisions.length, next_cursor, decisions };
  }),
});
