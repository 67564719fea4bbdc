import { page } from "fresh";
import { Head } from "fresh/runtime";
import { LiveLog } from "../../../../../islands/live-log.tsx";
import { LiveRun } from "../../../../../islands/live-run.tsx";
import { dataOf } from "../../../../../lib/api/client.ts";
import { define } from "../../../../../lib/api/state.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import { isFinalRun } from "../../../../../lib/schema/state_tables.ts";
import { TAIL_LINES, tailOf } from "../../../../../lib/ui/log_tail.ts";
import { useWords } from "../../../../../lib/ui/words/words.ts";

/** How often the page of a run that goes on reloads itself without JavaScript, in seconds. */
const RELOAD_SEC = 2;

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api, node, principal } = ctx.state;
    // Before the run is read: what happens in between is then told once more, and not missed.
    const after = node.events.latest();
    const run = dataOf(await api.getRun(ctx.params.run_id ?? ""));
    return page({
      run,
      after,
      // The API gives logs from their beginning on; who got the run from it may see its last lines.
      tail: tailOf(node.logs.tail({ runId: run.run_id }, TAIL_LINES + 1)),
      mayAct: hasRole(principal?.roles ?? [], "approver"),
    });
  },
});

export default define.page<typeof handler>(({ data: { run, after, tail, mayAct }, url }) => {
  const hasEnded = isFinalRun(run.status);
  const taskIds = run.tasks.map((task) => task.task_id);
  return (
    <>
      {!hasEnded && <Reload path={url.pathname} isOff={url.searchParams.get("reload") === "off"} />}
      <LiveRun run={run} after={after} mayAct={mayAct} />
      <LiveLog runId={run.run_id} taskIds={taskIds} tail={tail} hasEnded={hasEnded} />
    </>
  );
});

/** Where there is no JavaScript, the page as a whole is loaded again and again. */
function Reload({ path, isOff }: { path: string; isOff: boolean }): preact.JSX.Element {
  const { run: words } = useWords();
  if (isOff) {
    return (
      <noscript>
        <a href={path}>{words.keepUp}</a>
      </noscript>
    );
  }
  return (
    <>
      <Head>
        <noscript>
          <meta http-equiv="refresh" content={String(RELOAD_SEC)} />
        </noscript>
      </Head>
      <noscript>
        {words.reloads(RELOAD_SEC)} <a href={`${path}?reload=off`}>{words.hold}</a>
      </noscript>
    </>
  );
}
