import { page } from "fresh";
import { LiveTask } from "../../../../../../../islands/live-task.tsx";
import { livePlace } from "../../../../../../../lib/api/live_stream.ts";
import { pageLookup } from "../../../../../../../lib/api/page_lookup.ts";
import { keeperOfLog } from "../../../../../../../lib/api/remote_log.ts";
import { requireSeenTask } from "../../../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../../../lib/api/state.ts";
import { hasRole } from "../../../../../../../lib/schema/roles.ts";
import { isFinalRun } from "../../../../../../../lib/schema/state_tables.ts";
import { lastSeq, TAIL_LINES, tailOf } from "../../../../../../../lib/ui/log_tail.ts";
import { PageReload } from "../../../../../../../lib/ui/page_reload.tsx";
import { taskPath } from "../../../../../../../lib/ui/run_paths.ts";
import { TaskSpecSection } from "../../../../../../../lib/ui/task_spec_section.tsx";
import { taskSource } from "./(_components)/task_source.ts";

export const handler = define.handlers({
  GET: (ctx) => {
    const lookup = pageLookup(ctx);
    const { node, principal } = lookup;
    const { run, taskId } = requireSeenTask(lookup);
    const runId = run.run_id;
    const source = taskSource({ node, runId, taskId, url: ctx.url });
    // Before the run is read: what happens in between is then told once more, and not missed.
    const event = node.events.latest();
    const tail = tailOf(node.logs.tail(source.log, TAIL_LINES + 1));
    const path = taskPath(runId, taskId);
    const isElsewhere = keeperOfLog(node, runId) !== undefined;
    return page({
      spec: node.specs.specOf(run).tasks.find(({ id }) => id === taskId),
      live: {
        view: source.make(),
        tail,
        mayAct: hasRole(principal.roles, "approver"),
        path: `${path}/live${source.attempt === undefined ? "" : `?attempt=${source.attempt}`}`,
        after: livePlace({ event, line: lastSeq(tail) }),
        ...(source.attempt === undefined ? {} : { attempt: source.attempt }),
        ...(isElsewhere ? { linesPath: `/api/v1${path}/logs` } : {}),
      },
    });
  },
});

export default define.page<typeof handler>(({ data: { spec, live }, url }) => (
  <>
    {!isFinalRun(live.view.run.status) && <PageReload url={url} />}
    <LiveTask {...live}>{spec !== undefined && <TaskSpecSection task={spec} />}</LiveTask>
  </>
));
