import { endpoint } from "../../../../lib/api/endpoint.ts";
import { encodeCursor } from "../../../../lib/api/paging.ts";
import { runFilter } from "../../../../lib/api/run_filter.ts";
import { define } from "../../../../lib/api/state.ts";
import { maySee } from "../../../../lib/auth/principal.ts";
import { runSummary } from "../../../../lib/scheduler/run_views.ts";
import { scopeKey } from "../../../../lib/schema/scope.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ ctx, node, principal }) => {
    const filter = runFilter(ctx.url, node.db.now());
    const rows = node.runs.list({ ...filter, limit: filter.limit + 1 });
    const shown = rows.slice(0, filter.limit);
    const runs = shown.map((row) => runSummary(row, node.specs.specOf(row)))
      .filter((run) => maySee(principal, scopeKey(run.scope)));
    const last = shown.at(-1);
    const next_cursor = rows.length > filter.limit && last !== undefined
      ? encodeCursor([last.created_at, last.run_id])
      : null;
    return { count: runs.length, next_cursor, runs };
  }),
});
