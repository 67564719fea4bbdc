import { page } from "fresh";
import { ProblemError } from "../../../../lib/api/client.ts";
import { define } from "../../../../lib/api/state.ts";
import type { RunList } from "../../../../lib/schema/api.ts";
import { EmptyState } from "../../../../lib/ui/empty_state.tsx";
import { NextPage } from "../../../../lib/ui/next_page.tsx";
import { Notice } from "../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../lib/ui/page_title.tsx";
import { RunFilterForm } from "../../../../lib/ui/run_filter_form.tsx";
import { RunTable } from "../../../../lib/ui/run_table.tsx";
import { visibleText } from "../../../../lib/ui/visible_text.ts";
import { useWords } from "../../../../lib/ui/words/words.ts";

const NO_RUNS: RunList = { count: 0, next_cursor: null, runs: [] };

export const handler = define.handlers({
  GET: async (ctx) => {
    const given = (name: string): string | undefined =>
      ctx.url.searchParams.get(name)?.trim() || undefined;
    const result = await ctx.state.api.listRuns({
      status: given("status"),
      dagId: given("dag_id"),
      scope: given("scope"),
      q: given("q"),
      cursor: given("cursor"),
    });
    if (result.ok) return page({ list: result.data, problem: undefined });
    // A filter that means nothing is for its form to say, with what was typed still in it.
    if (result.problem.code !== "invalid_request") throw new ProblemError(result.problem);
    return page({ list: NO_RUNS, problem: result.problem.detail }, { status: 400 });
  },
});

export default define.page<typeof handler>(({ data: { list, problem }, url }) => {
  const { runs: words } = useWords();
  return (
    <>
      <PageTitle title={words.title} />
      <RunFilterForm query={url.searchParams} />
      {problem !== undefined && (
        <Notice kind="bad" title={words.badFilter}>
          <p>{visibleText(problem)}.</p>
        </Notice>
      )}
      {list.runs.length > 0 && <RunTable caption={words.caption} runs={list.runs} />}
      {list.runs.length === 0 && problem === undefined && <NoRuns isFiltered={url.search !== ""} />}
      <NextPage url={url} cursor={list.next_cursor} />
    </>
  );
});

function NoRuns({ isFiltered }: { isFiltered: boolean }): preact.JSX.Element {
  const { runs: words } = useWords();
  if (isFiltered) {
    return (
      <EmptyState title={words.notFound}>
        <p>
          <a href="/runs">{words.showAll}</a>
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={words.empty}>
      <p>
        {words.emptyHint} <a href="/pending">{words.seeWaiting}</a>
      </p>
    </EmptyState>
  );
}
