import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { decodeCursor, encodeCursor, pageLimit } from "../../../../../lib/api/paging.ts";
import { requireDag } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { maySee } from "../../../../../lib/auth/principal.ts";
import { versionView } from "../../../../../lib/scheduler/spec_store.ts";
import { scopeKey } from "../../../../../lib/schema/scope.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) => {
    const { ctx, node, principal } = call;
    const { dag_id } = requireDag(call);
    const limit = pageLimit(ctx.url);
    const [before] = decodeCursor(ctx.url, ["number"]) ?? [Number.MAX_SAFE_INTEGER];
    const rows = node.specs.versions(dag_id, { before, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    // An earlier version may have been of another scope.
    const versions = shown.map((row) => versionView(row, node.specs.specOf(row)))
      .filter(({ scope }) => maySee(principal, scopeKey(scope)));
    const next_cursor = rows.length > limit ? encodeCursor([shown.at(-1)?.version ?? 0]) : null;
    return { count: versions.length, next_cursor, versions };
  }),
});
