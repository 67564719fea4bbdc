import { page } from "fresh";
import { ProblemError } from "../../../../lib/api/client.ts";
import { define } from "../../../../lib/api/state.ts";
import type { LogSearchPage } from "../../../../lib/schema/log_search_page.ts";
import { EmptyState } from "../../../../lib/ui/empty_state.tsx";
import { FoundLines } from "../../../../lib/ui/found_lines.tsx";
import { LogSearchForm } from "../../../../lib/ui/log_search_form.tsx";
import { filtersOf, logSearchQuery } from "../../../../lib/ui/log_search_query.ts";
import { NextPage } from "../../../../lib/ui/next_page.tsx";
import { Notice } from "../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../lib/ui/page_title.tsx";
import { visibleText } from "../../../../lib/ui/visible_text.ts";
import { useWords } from "../../../../lib/ui/words/words.ts";

const NO_LINES: LogSearchPage = { count: 0, next_cursor: null, lines: [] };

export const handler = define.handlers({
  GET: async (ctx) => {
    const result = await ctx.state.api.searchLogs(logSearchQuery(ctx.url));
    if (result.ok) return page({ list: result.data, problem: undefined });
    // A filter that means nothing is for its form to say, with what was typed still in it.
    if (result.problem.code !== "invalid_request") throw new ProblemError(result.problem);
    return page({ list: NO_LINES, problem: result.problem.detail }, { status: 400 });
  },
});

export default define.page<typeof handler>(({ data: { list, problem }, url }) => {
  const { logs } = useWords();
  const filters = filtersOf(url);
  return (
    <>
      <PageTitle title={logs.title} />
      <LogSearchForm query={url.searchParams} />
      {problem !== undefined && (
        <Notice kind="bad" title={logs.badFilter}>
          <p>{visibleText(problem)}.</p>
        </Notice>
      )}
      {list.lines.length > 0 && (
        <>
          <p class="links">
            <span class="quiet">{logs.stderrHint}</span>
            <a href={`/logs/download?${filters}`} download>{logs.download}</a>
          </p>
          <FoundLines lines={list.lines} found={filters.get("q") ?? undefined} />
        </>
      )}
      {list.lines.length === 0 && problem === undefined && (
        <NoLines isFiltered={filters.size > 0} hasMore={list.next_cursor !== null} />
      )}
      <NextPage url={url} cursor={list.next_cursor} />
    </>
  );
});

/** A page may find nothing and yet not be the last: one request looks through only so much. */
function NoLines(
  { isFiltered, hasMore }: { isFiltered: boolean; hasMore: boolean },
): preact.JSX.Element {
  const { logs } = useWords();
  if (hasMore) {
    return (
      <EmptyState title={logs.notYet}>
        <p>{logs.goOn}</p>
      </EmptyState>
    );
  }
  if (!isFiltered) {
    return (
      <EmptyState title={logs.empty}>
        <p>{logs.emptyHint}</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={logs.notFound}>
      <p>
        <a href="/logs">{logs.clear}</a>
      </p>
    </EmptyState>
  );
}
