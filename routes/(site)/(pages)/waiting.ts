import { waitingCounts } from "../../../lib/api/waiting_counts.ts";
import { define } from "../../../lib/api/state.ts";

/** How much waits now, for pages that stay open. */
export const handler = define.handlers({
  GET: (ctx) => ctx.json(waitingCounts(ctx.state.node, ctx.state.principal)),
});
