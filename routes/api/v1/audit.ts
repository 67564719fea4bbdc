import { endpoint } from "../../../lib/api/endpoint.ts";
import { decodeCursor, encodeCursor, pageLimit } from "../../../lib/api/paging.ts";
import { define } from "../../../lib/api/state.ts";
import { requireReach } from "../../../lib/auth/principal.ts";

/** Who did what. It tells of every scope, so it is for tokens without a limit. */
export const handler = define.handlers({
  GET: endpoint("admin", ({ ctx, node, principal }) => {
    requireReach(principal, null);
    const given = (name: string): string | undefined => ctx.url.searchParams.get(name) || undefined;
    const limit = pageLimit(ctx.url);
    const [before] = decodeCursor(ctx.url, ["number"]) ?? [Number.MAX_SAFE_INTEGER];
    const filter = { action: given("action"), target: given("target"), tokenId: given("token_id") };
    const found = node.audit.list({ ...filter, before, limit: limit + 1 });
    const entries = found.slice(0, limit);
    const next_cursor = found.length > limit ? encodeCursor([entries.at(-1)?.seq ?? 0]) : null;
    return { count: entries.length, next_cursor, entries };
  }),
});
