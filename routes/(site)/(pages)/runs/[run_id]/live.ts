import { liveStream } from "../../../../../lib/api/live_stream.ts";
import { pageLookup } from "../../../../../lib/api/page_lookup.ts";
import { requireSeenRun } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { runSource } from "./(_components)/run_source.ts";

/** Keeps the page of a run up to date, with the same filter as the page. */
export const handler = define.handlers({
  GET: (ctx) => {
    const lookup = pageLookup(ctx);
    const { run_id: runId } = requireSeenRun(lookup);
    return liveStream(ctx.req, runSource({ node: lookup.node, runId, url: ctx.url }));
  },
});
