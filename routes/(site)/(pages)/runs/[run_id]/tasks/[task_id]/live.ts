import { liveStream } from "../../../../../../../lib/api/live_stream.ts";
import { pageLookup } from "../../../../../../../lib/api/page_lookup.ts";
import { requireSeenTask } from "../../../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../../../lib/api/state.ts";
import { taskSource } from "./(_components)/task_source.ts";

/** Keeps the page of a task up to date. */
export const handler = define.handlers({
  GET: (ctx) => {
    const lookup = pageLookup(ctx);
    const { run: { run_id: runId }, taskId } = requireSeenTask(lookup);
    return liveStream(ctx.req, taskSource({ node: lookup.node, runId, taskId, url: ctx.url }));
  },
});
