import { page } from "fresh";
import { dataOf } from "../../../../../lib/api/client.ts";
import { define } from "../../../../../lib/api/state.ts";
import type { DagView, RunSummary, VersionView } from "../../../../../lib/schema/api.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import { ActionButton } from "../../../../../lib/ui/action_button.tsx";
import { CodeBlock } from "../../../../../lib/ui/code_block.tsx";
import { DagFacts } from "../../../../../lib/ui/dag_facts.tsx";
import { EmptyState } from "../../../../../lib/ui/empty_state.tsx";
import { layoutGraph } from "../../../../../lib/ui/graph_layout.ts";
import { GraphSection } from "../../(_components)/graph_section.tsx";
import { jsonTokens } from "../../../../../lib/ui/highlight/json_tokens.ts";
import { HistoryStrip } from "../../../../../lib/ui/history_strip.tsx";
import { NewestVersion } from "../../../../../lib/ui/newest_version.tsx";
import { NextPage } from "../../../../../lib/ui/next_page.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { PermissionList } from "../../../../../lib/ui/permission_list.tsx";
import { RunTable } from "../../../../../lib/ui/run_table.tsx";
import { ScheduleSection } from "../../../../../lib/ui/schedule_section.tsx";
import { StatusBadge } from "../../../../../lib/ui/status_badge.tsx";
import { TaskCard } from "../../../../../lib/ui/task_card.tsx";
import { VersionCompare } from "../../../../../lib/ui/version_compare.tsx";
import { VersionTable } from "../../../../../lib/ui/version_table.tsx";
import { visibleJson } from "../../../../../lib/ui/visible_text.ts";
import { WarningList } from "../../../../../lib/ui/warning_list.tsx";
import { useWords } from "../../../../../lib/ui/words/words.ts";
import { loadCompared } from "./(_components)/load_compared.ts";

/** How many of its runs are in the strip, and how many of them in the table as well. */
const STRIP = 30;
const TABLE = 10;

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api, principal } = ctx.state;
    const dagId = ctx.params.id ?? "";
    const cursor = ctx.url.searchParams.get("cursor") ?? undefined;
    const [newest, versions, runs, schedule] = await Promise.all([
      api.getDag(dagId),
      api.versions(dagId, { cursor, limit: 20 }),
      api.listRuns({ dagId, limit: STRIP }),
      api.schedule(dagId),
    ]);
    const dag = dataOf(newest);
    return page({
      dag,
      versions: dataOf(versions),
      runs: dataOf(runs).runs,
      schedule: dataOf(schedule),
      compared: await loadCompared(api, dag, ctx.url),
      picture: layoutGraph(dag.spec.tasks),
      mayRun: hasRole(principal?.roles ?? [], "approver"),
    });
  },
});

export default define.page<typeof handler>(({ data, url }) => {
  const { dag, versions, runs, schedule, compared, mayRun } = data;
  const words = useWords().dag;
  return (
    <>
      <PageTitle title={dag.dag_id}>
        <StatusBadge state={dag.status} />
      </PageTitle>
      <NewestVersion dag={dag} />
      {mayRun && canRun(dag, versions.versions) && (
        <ActionButton action={`${url.pathname}/run`} label={words.run} about={dag.dag_id} />
      )}
      <Runs dag={dag} runs={runs} />
      <ScheduleSection answer={schedule} action={`${url.pathname}/schedule`} mayAct={mayRun} />
      <section aria-labelledby="versions">
        <h2 id="versions">{words.versions}</h2>
        <VersionTable versions={versions.versions} />
        <NextPage url={url} cursor={versions.next_cursor} />
      </section>
      {compared !== undefined && (
        <VersionCompare versions={versions.versions} compared={compared} action={url.pathname} />
      )}
      <Newest dag={dag} picture={data.picture} />
    </>
  );
});

function Runs({ dag, runs }: { dag: DagView; runs: readonly RunSummary[] }): preact.JSX.Element {
  const words = useWords().dag;
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">{words.runs}</h2>
      {runs.length === 0
        ? (
          <EmptyState title={words.neverRan}>
            <p>{words.neverRanHint}</p>
          </EmptyState>
        )
        : (
          <>
            <HistoryStrip runs={runs} />
            <RunTable caption={words.lastRuns(dag.dag_id)} runs={runs.slice(0, TABLE)} />
          </>
        )}
      {runs.length > TABLE && (
        <p>
          <a href={`/runs?dag_id=${encodeURIComponent(dag.dag_id)}`}>{words.allRuns}</a>
        </p>
      )}
    </section>
  );
}

/** All of the newest version. */
function Newest(
  { dag, picture }: { dag: DagView; picture: ReturnType<typeof layoutGraph> },
): preact.JSX.Element {
  const { dag: words, pending } = useWords();
  return (
    <section aria-labelledby="document">
      <h2 id="document">{words.newest}</h2>
      <DagFacts dag={dag} />
      <WarningList warnings={dag.warnings} tasks={dag.spec.tasks} />
      <h3>{pending.touches}</h3>
      <PermissionList permissions={dag.permissions} />
      <GraphSection spec={dag.spec} picture={picture} />
      <details>
        <summary>{pending.itsTasks(dag.spec.tasks.length)}</summary>
        <ol class="tasks">
          {dag.spec.tasks.map((task) => <TaskCard key={task.id} task={task} dagId={dag.dag_id} />)}
        </ol>
      </details>
      <h3>{words.document}</h3>
      <CodeBlock
        label={pending.documentOf(dag.dag_id)}
        text={visibleJson(dag.spec)}
        tokensOf={jsonTokens}
      />
    </section>
  );
}

function canRun(dag: DagView, versions: readonly VersionView[]): boolean {
  return dag.run_id !== null || versions.some((version) => version.status === "confirmed");
}
