import { page } from "fresh";
import { dataOf } from "../../../../lib/api/client.ts";
import { define } from "../../../../lib/api/state.ts";
import type { DagListItem } from "../../../../lib/schema/api.ts";
import { hasRole } from "../../../../lib/schema/roles.ts";
import { scopeKey } from "../../../../lib/schema/scope.ts";
import { EmptyState } from "../../../../lib/ui/empty_state.tsx";
import { NextPage } from "../../../../lib/ui/next_page.tsx";
import { PageTitle } from "../../../../lib/ui/page_title.tsx";
import { ScrollTable } from "../../../../lib/ui/scroll_table.tsx";
import { StatusBadge } from "../../../../lib/ui/status_badge.tsx";
import { TimeAgo } from "../../../../lib/ui/time_ago.tsx";
import { useWords } from "../../../../lib/ui/words/words.ts";

export const handler = define.handlers({
  GET: async (ctx) => {
    const cursor = ctx.url.searchParams.get("cursor") ?? undefined;
    return page({
      list: dataOf(await ctx.state.api.listDags({ cursor })),
      mayPublish: hasRole(ctx.state.principal?.roles ?? [], "publisher"),
    });
  },
});

export default define.page<typeof handler>(({ data: { list, mayPublish }, url }) => {
  const { dag, facts, runs } = useWords();
  const heads = [runs.dag, facts.version, runs.status, facts.scope, runs.tasks, dag.lastRun];
  return (
    <>
      <PageTitle title={dag.listTitle}>
        {mayPublish && <a href="/publish">{dag.make}</a>}
      </PageTitle>
      {list.dags.length === 0 && list.next_cursor === null
        ? (
          <EmptyState title={dag.empty}>
            <p>
              {dag.emptyHint} <code>deno task dag publish examples/hello.yaml</code>
            </p>
          </EmptyState>
        )
        : (
          <ScrollTable caption={dag.listCaption} heads={heads}>
            {list.dags.map((one) => <DagRow key={one.dag_id} dag={one} />)}
          </ScrollTable>
        )}
      <NextPage url={url} cursor={list.next_cursor} />
    </>
  );
});

function DagRow({ dag }: { dag: DagListItem }): preact.JSX.Element {
  const { dag: words, facts, runs } = useWords();
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        <a href={`/dags/${encodeURIComponent(dag.dag_id)}`}>{dag.dag_id}</a>
      </th>
      <td role="cell" data-label={facts.version}>{dag.version}</td>
      <td role="cell" data-label={runs.status}>
        <StatusBadge state={dag.status} />
      </td>
      <td role="cell" data-label={facts.scope}>{scopeKey(dag.scope)}</td>
      <td role="cell" data-label={runs.tasks}>{dag.tasks_count}</td>
      <td role="cell" data-label={words.lastRun}>
        {dag.last_run === null ? <span class="quiet">{words.never}</span> : (
          <>
            <a href={`/runs/${encodeURIComponent(dag.last_run.run_id)}`}>
              <StatusBadge state={dag.last_run.status} />
            </a>{" "}
            <TimeAgo time={dag.last_run.created_at} />
          </>
        )}
      </td>
    </tr>
  );
}
