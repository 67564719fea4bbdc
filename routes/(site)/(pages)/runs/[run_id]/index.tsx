import { page } from "fresh";
import { LiveRun } from "../../../../../islands/live-run.tsx";
import { livePlace } from "../../../../../lib/api/live_stream.ts";
import { pageLookup } from "../../../../../lib/api/page_lookup.ts";
import { keeperOfLog } from "../../../../../lib/api/remote_log.ts";
import { requireSeenRun } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import { isFinalRun } from "../../../../../lib/schema/state_tables.ts";
import { lastSeq, TAIL_LINES, tailOf } from "../../../../../lib/ui/log_tail.ts";
import { runPath } from "../../../../../lib/ui/run_paths.ts";
import { PageReload } from "../../../../../lib/ui/page_reload.tsx";
import { runSource } from "./(_components)/run_source.ts";

export const handler = define.handlers({
  GET: (ctx) => {
    const lookup = pageLookup(ctx);
    const { node, principal } = lookup;
    const { run_id: runId } = requireSeenRun(lookup);
    const source = runSource({ node, runId, url: ctx.url });
    // Before the run is read: what happens in between is then told once more, and not missed.
    const event = node.events.latest();
    const tail = tailOf(node.logs.tail({ runId }, TAIL_LINES + 1));
    return page({
      view: source.make(),
      picture: source.picture,
      tail,
      mayAct: hasRole(principal.roles, "approver"),
      path: `${runPath(runId)}/live${source.query}`,
      after: livePlace({ event, line: lastSeq(tail) }),
      ...(keeperOfLog(node, runId) === undefined
        ? {}
        : { linesPath: `/api/v1/runs/${encodeURIComponent(runId)}/logs` }),
    });
  },
});

export default define.page<typeof handler>(({ data, url }) => (
  <>
    {!isFinalRun(data.view.run.status) && <PageReload url={url} />}
    <LiveRun {...data} />
  </>
));
