import { page } from "fresh";
import { dataOf } from "../../../../lib/api/client.ts";
import { define } from "../../../../lib/api/state.ts";
import { hasRole } from "../../../../lib/schema/roles.ts";
import { EmptyState } from "../../../../lib/ui/empty_state.tsx";
import { LimitsTable } from "../../../../lib/ui/limits_table.tsx";
import { NextPage } from "../../../../lib/ui/next_page.tsx";
import { PageTitle } from "../../../../lib/ui/page_title.tsx";
import { WorkerTable } from "../../../../lib/ui/worker_table.tsx";
import { useWords } from "../../../../lib/ui/words/words.ts";

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api, principal } = ctx.state;
    const cursor = ctx.url.searchParams.get("cursor") ?? undefined;
    const list = dataOf(await api.workers({ cursor }));
    const { limits } = dataOf(await api.limits());
    return page({ list, limits, mayAct: hasRole(principal?.roles ?? [], "admin") });
  },
});

export default define.page<typeof handler>(({ data: { list, limits, mayAct }, url }) => {
  const { worker } = useWords();
  return (
    <>
      <PageTitle title={worker.listTitle} />
      {list.workers.length === 0
        ? (
          <EmptyState title={worker.none}>
            <p>
              {worker.noneHint} <code>deno task worker start --scope project:abc</code>
            </p>
          </EmptyState>
        )
        : <WorkerTable workers={list.workers} mayAct={mayAct} />}
      <NextPage url={url} cursor={list.next_cursor} />
      <section aria-labelledby="limits">
        <h2 id="limits">{worker.limits}</h2>
        <LimitsTable limits={limits} />
      </section>
    </>
  );
});
