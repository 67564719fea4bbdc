import { page } from "fresh";
import { dataOf } from "../../../../../lib/api/client.ts";
import { define } from "../../../../../lib/api/state.ts";
import type { DagView, VersionView } from "../../../../../lib/schema/api.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import { ActionButton } from "../../../../../lib/ui/action_button.tsx";
import { CodeBlock } from "../../../../../lib/ui/code_block.tsx";
import { DagFacts } from "../../../../../lib/ui/dag_facts.tsx";
import { EmptyState } from "../../../../../lib/ui/empty_state.tsx";
import { NextPage } from "../../../../../lib/ui/next_page.tsx";
import { Notice } from "../../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { PermissionList } from "../../../../../lib/ui/permission_list.tsx";
import { RunTable } from "../../../../../lib/ui/run_table.tsx";
import { StatusBadge } from "../../../../../lib/ui/status_badge.tsx";
import { VersionTable } from "../../../../../lib/ui/version_table.tsx";
import { visibleJson, visibleText } from "../../../../../lib/ui/visible_text.ts";
import { WarningList } from "../../../../../lib/ui/warning_list.tsx";

/** How many of its runs are shown here; the list of runs has the others. */
const RUNS = 10;

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api, principal } = ctx.state;
    const dagId = ctx.params.id ?? "";
    const cursor = ctx.url.searchParams.get("cursor") ?? undefined;
    const [dag, versions, runs] = await Promise.all([
      api.getDag(dagId),
      api.versions(dagId, { cursor, limit: 20 }),
      api.listRuns({ dagId, limit: RUNS }),
    ]);
    return page({
      dag: dataOf(dag),
      versions: dataOf(versions),
      runs: dataOf(runs).runs,
      mayRun: hasRole(principal?.roles ?? [], "approver"),
    });
  },
});

export default define.page<typeof handler>(({ data: { dag, versions, runs, mayRun }, url }) => (
  <>
    <PageTitle title={dag.dag_id}>
      <StatusBadge state={dag.status} />
    </PageTitle>
    <NewestVersion dag={dag} />
    {mayRun && canRun(dag, versions.versions) && (
      <ActionButton action={`${url.pathname}/run`} label="Run again" about={dag.dag_id} />
    )}
    <section aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      {runs.length === 0
        ? (
          <EmptyState title="It never ran.">
            <p>It runs when a version is confirmed.</p>
          </EmptyState>
        )
        : <RunTable caption={`Last runs of ${dag.dag_id}`} runs={runs} />}
      {runs.length === RUNS && (
        <p>
          <a href={`/runs?dag_id=${encodeURIComponent(dag.dag_id)}`}>All its runs</a>
        </p>
      )}
    </section>
    <section aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <VersionTable versions={versions.versions} />
      <NextPage url={url} cursor={versions.next_cursor} />
    </section>
    <section aria-labelledby="document">
      <h2 id="document">Newest version</h2>
      <DagFacts dag={dag} />
      <WarningList warnings={dag.warnings} />
      <h3>What it may touch</h3>
      <PermissionList permissions={dag.permissions} />
      <h3>Document</h3>
      <CodeBlock label={`Document of ${dag.dag_id}`} text={visibleJson(dag.spec)} />
    </section>
  </>
));

/** Says what is to be done about the newest version. */
function NewestVersion({ dag }: { dag: DagView }): preact.JSX.Element | null {
  if (dag.status === "waiting_confirmation") {
    return (
      <Notice kind="warning" title={`Version ${dag.version} waits for confirmation`}>
        <p>
          <a href={`/pending#${dag.dag_id}`}>Read it and decide</a>
        </p>
      </Notice>
    );
  }
  if (dag.status === "rejected") {
    return (
      <Notice kind="bad" title={`Version ${dag.version} was rejected`}>
        <p class="lines">{visibleText(dag.reason ?? "No reason was given.")}</p>
      </Notice>
    );
  }
  if (dag.status !== "expired") return null;
  return (
    <Notice kind="warning" title={`Nobody decided about version ${dag.version} in time`}>
      <p>Publish it again to have it confirmed.</p>
    </Notice>
  );
}

function canRun(dag: DagView, versions: readonly VersionView[]): boolean {
  return dag.run_id !== null || versions.some((version) => version.status === "confirmed");
}
