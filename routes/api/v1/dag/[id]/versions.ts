import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { decodeCursor, encodeCursor, pageLimit } from "../../../../../lib/api/paging.ts";
import { requireDag } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { versionView } from "../../../../../lib/scheduler/spec_store.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) => {
    const { ctx, node } = call;
    const { dag_id } = requireDag(call);
    const limit = pageLimit(ctx.url);
    const before = Number(decodeCursor(ctx.url, 1)?.[0] ?? Number.MAX_SAFE_INTEGER);
    const rows = node.specs.versions(dag_id, { before, limit: limit + 1 });
    const versions = rows.slice(0, limit).map((row) => versionView(row, node.specs.specOf(row)));
    const next_cursor = rows.length > limit ? encodeCursor([versions.at(-1)?.version ?? 0]) : null;
    return { count: versions.length, next_cursor, versions };
  }),
});
