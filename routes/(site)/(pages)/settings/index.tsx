import { page } from "fresh";
import { dataOf } from "../../../../lib/api/client.ts";
import { requireRole } from "../../../../lib/auth/principal.ts";
import { define } from "../../../../lib/api/state.ts";
import type { PolicyView } from "../../../../lib/schema/api.ts";
import { Fact, Facts } from "../../../../lib/ui/facts.tsx";
import { LimitsTable } from "../../../../lib/ui/limits_table.tsx";
import { Notice } from "../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../lib/ui/page_title.tsx";
import { ScopePolicies } from "../../../../lib/ui/scope_policies.tsx";
import { SettingsNav } from "../../../../lib/ui/settings_nav.tsx";
import { TimeAgo } from "../../../../lib/ui/time_ago.tsx";
import { visibleText } from "../../../../lib/ui/visible_text.ts";
import { useWords } from "../../../../lib/ui/words/words.ts";

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api, principal } = ctx.state;
    if (principal !== undefined) requireRole(principal, "admin");
    const [policy, limits] = await Promise.all([api.policy(), api.limits()]);
    return page({ policy: dataOf(policy), limits: dataOf(limits).limits });
  },
});

export default define.page<typeof handler>(({ data: { policy, limits }, url }) => {
  const { settings, worker } = useWords();
  return (
    <>
      <PageTitle title={settings.title} />
      <SettingsNav at="policy" />
      <Refused error={policy.last_error} />
      <Facts>
        <Fact name={settings.source}>
          {policy.source === null ? settings.noSource : <code>{visibleText(policy.source)}</code>}
        </Fact>
        <Fact name={settings.loaded}>
          <TimeAgo time={policy.loaded_at} />
        </Fact>
        <Fact name={settings.walls}>
          {policy.walls.bubblewrap ?? settings.noWalls}
          {policy.walls.reason !== null && (
            <span class="remark">{visibleText(policy.walls.reason)}</span>
          )}
        </Fact>
        {policy.needs_restart.length > 0 && (
          <Fact name={settings.needsRestart}>
            <code>{policy.needs_restart.join(", ")}</code>
          </Fact>
        )}
      </Facts>
      <section aria-labelledby="scopes">
        <h2 id="scopes">{settings.scopes}</h2>
        <ScopePolicies scopes={policy.scopes} chosen={url.searchParams.get("scope")} />
      </section>
      <section aria-labelledby="limits">
        <h2 id="limits">{worker.limits}</h2>
        <LimitsTable limits={limits} />
      </section>
    </>
  );
});

/** What is wrong with the newest settings file, all of it. */
function Refused({ error }: { error: PolicyView["last_error"] }): preact.JSX.Element | null {
  const { settings } = useWords();
  if (error === null) return null;
  return (
    <Notice kind="bad" title={settings.refused}>
      <p>
        <TimeAgo time={error.at} />. {settings.refusedHint}
      </p>
      <ul>
        {error.problems.map(({ path, message }) => (
          <li key={path}>
            {path !== "" && <code>{visibleText(path)}</code>} {visibleText(message)}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
