import { page } from "fresh";
import { dataOf } from "../../../../lib/api/client.ts";
import { define } from "../../../../lib/api/state.ts";
import { AuditTable } from "../../../../lib/ui/audit_table.tsx";
import { EmptyState } from "../../../../lib/ui/empty_state.tsx";
import { FilterField } from "../../../../lib/ui/filter_field.tsx";
import { NextPage } from "../../../../lib/ui/next_page.tsx";
import { PageTitle } from "../../../../lib/ui/page_title.tsx";
import { SettingsNav } from "../../../../lib/ui/settings_nav.tsx";
import { useWords } from "../../../../lib/ui/words/words.ts";

export const handler = define.handlers({
  GET: async (ctx) => {
    const given = (name: string): string | undefined =>
      ctx.url.searchParams.get(name)?.trim() || undefined;
    const list = dataOf(
      await ctx.state.api.audit({
        action: given("action"),
        target: given("target"),
        tokenId: given("token_id"),
        cursor: given("cursor"),
      }),
    );
    return page(list);
  },
});

export default define.page<typeof handler>(({ data, url }) => {
  const { audit, settings } = useWords();
  const query = url.searchParams;
  return (
    <>
      <PageTitle title={settings.audit} />
      <SettingsNav at="audit" />
      <p class="quiet">{audit.hint}</p>
      <form method="get" action="/settings/audit" class="filters">
        <FilterField name="action" label={audit.action} query={query} placeholder="dag.confirm" />
        <FilterField name="target" label={audit.target} query={query} />
        <FilterField name="token_id" label={audit.tokenId} query={query} />
        <button type="submit">{audit.filter}</button>
      </form>
      {data.entries.length > 0
        ? <AuditTable entries={data.entries} />
        : <NoEntries isFiltered={query.size > 0} />}
      <NextPage url={url} cursor={data.next_cursor} />
    </>
  );
});

function NoEntries({ isFiltered }: { isFiltered: boolean }): preact.JSX.Element {
  const { audit } = useWords();
  return (
    <EmptyState title={isFiltered ? audit.notFound : audit.empty}>
      <p>{isFiltered ? <a href="/settings/audit">{audit.clear}</a> : audit.emptyHint}</p>
    </EmptyState>
  );
}
