import { page } from "fresh";
import { Head } from "fresh/runtime";
import { dataOf } from "../../../../../lib/api/client.ts";
import { define } from "../../../../../lib/api/state.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import { isFinalRun } from "../../../../../lib/schema/states.ts";
import { Notice } from "../../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { RunActions } from "../../../../../lib/ui/run_actions.tsx";
import { RunFacts } from "../../../../../lib/ui/run_facts.tsx";
import { RunLogs } from "../../../../../lib/ui/run_logs.tsx";
import { StatusBadge } from "../../../../../lib/ui/status_badge.tsx";
import { TaskTable } from "../../../../../lib/ui/task_table.tsx";
import { visibleText } from "../../../../../lib/ui/visible_text.ts";

/** How many of the last lines of output are shown. */
const TAIL = 500;
/** How often the page of a run that goes on reloads itself, in seconds. */
const RELOAD_SEC = 2;

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api, node, principal } = ctx.state;
    const run = dataOf(await api.getRun(ctx.params.run_id ?? ""));
    // The API gives logs from their beginning on; who got the run from it may see its last lines.
    const tail = node.logs.tail({ runId: run.run_id }, TAIL + 1);
    return page({
      run,
      lines: tail.slice(-TAIL),
      isCut: tail.length > TAIL,
      mayAct: hasRole(principal?.roles ?? [], "approver"),
    });
  },
});

export default define.page<typeof handler>(({ data: { run, lines, isCut, mayAct }, url }) => {
  const goesOn = !isFinalRun(run.status);
  const isStill = url.searchParams.get("reload") === "off";
  return (
    <>
      {goesOn && !isStill && (
        <Head>
          <meta http-equiv="refresh" content={String(RELOAD_SEC)} />
        </Head>
      )}
      <PageTitle title={`Run of ${run.dag_id}`}>
        <StatusBadge state={run.status} />
      </PageTitle>
      <p class="quiet">
        <code>{run.run_id}</code>
      </p>
      {run.error !== null && (
        <Notice kind="bad" title="Why it did not succeed">
          <p class="lines">{visibleText(run.error)}</p>
        </Notice>
      )}
      {goesOn && (
        <p class="quiet">
          {isStill ? <a href={url.pathname}>Keep this page up to date</a> : (
            <>
              This page reloads every {RELOAD_SEC} seconds.{" "}
              <a href={`${url.pathname}?reload=off`}>Hold it still</a>
            </>
          )}
        </p>
      )}
      {mayAct && <RunActions run={run} />}
      <RunFacts run={run} />
      <section aria-labelledby="tasks">
        <h2 id="tasks">Tasks</h2>
        <TaskTable tasks={run.tasks} />
      </section>
      <RunLogs run={run} lines={lines} isCut={isCut} />
    </>
  );
});
