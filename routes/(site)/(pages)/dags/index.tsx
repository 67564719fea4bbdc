import { page } from "fresh";
import { dataOf } from "../../../../lib/api/client.ts";
import { define } from "../../../../lib/api/state.ts";
import type { DagListItem } from "../../../../lib/schema/api.ts";
import { scopeKey } from "../../../../lib/schema/scope.ts";
import { EmptyState } from "../../../../lib/ui/empty_state.tsx";
import { NextPage } from "../../../../lib/ui/next_page.tsx";
import { PageTitle } from "../../../../lib/ui/page_title.tsx";
import { ScrollTable } from "../../../../lib/ui/scroll_table.tsx";
import { StatusBadge } from "../../../../lib/ui/status_badge.tsx";
import { TimeAgo } from "../../../../lib/ui/time_ago.tsx";

export const handler = define.handlers({
  GET: async (ctx) => {
    const cursor = ctx.url.searchParams.get("cursor") ?? undefined;
    return page(dataOf(await ctx.state.api.listDags({ cursor })));
  },
});

export default define.page<typeof handler>(({ data, url }) => (
  <>
    <PageTitle title="DAGs" />
    {data.dags.length === 0 && data.next_cursor === null
      ? (
        <EmptyState title="No DAG has been published.">
          <p>
            Publish one with <code>deno task dag publish examples/hello.yaml</code>, or by a POST to
            {" "}
            <code>/api/v1/dag/publish</code>.
          </p>
        </EmptyState>
      )
      : (
        <ScrollTable
          caption="The newest version of each DAG"
          heads={["DAG", "Version", "Status", "Scope", "Tasks", "Last run"]}
        >
          {data.dags.map((dag) => <DagRow key={dag.dag_id} dag={dag} />)}
        </ScrollTable>
      )}
    <NextPage url={url} cursor={data.next_cursor} />
  </>
));

function DagRow({ dag }: { dag: DagListItem }): preact.JSX.Element {
  return (
    <tr>
      <th scope="row">
        <a href={`/dags/${encodeURIComponent(dag.dag_id)}`}>{dag.dag_id}</a>
      </th>
      <td>{dag.version}</td>
      <td>
        <StatusBadge state={dag.status} />
      </td>
      <td>{scopeKey(dag.scope)}</td>
      <td>{dag.tasks_count}</td>
      <td>
        {dag.last_run === null ? <span class="quiet">never ran</span> : (
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
