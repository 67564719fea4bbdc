import { Head } from "fresh/runtime";
import { SiteNav } from "../../islands/site-nav.tsx";
import { define } from "../../lib/api/state.ts";
import { waitingCounts } from "../../lib/api/waiting_counts.ts";
import type { Language } from "../../lib/schema/language.ts";
import { hasRole } from "../../lib/schema/roles.ts";
import { waitingTotal } from "../../lib/schema/waiting_counts.ts";
import { faviconHref } from "../../lib/ui/favicon.ts";
import { visibleText } from "../../lib/ui/visible_text.ts";
import { WaitingContext } from "../../lib/ui/waiting_context.ts";
import { useWords, WordsContext, wordsOf } from "../../lib/ui/words/words.ts";

/** What surrounds every page: where one can go, who is signed in, and in which language. */
export default define.layout(({ Component, url, state }) => {
  const { frame } = wordsOf(state.language);
  const { principal } = state;
  const counts = waitingCounts(state.node, principal);
  const total = waitingTotal(counts);
  return (
    <WordsContext.Provider value={wordsOf(state.language)}>
      <Head>
        <link rel="icon" href={faviconHref(total)} type="image/svg+xml" />
      </Head>
      <a class="skip" href="#main">{frame.skip}</a>
      <header class="site">
        <a class="brand" href="/" aria-current="false">
          CIS <span class="quiet">{state.node.config.node_id}</span>
        </a>
        {principal !== undefined && (
          <SiteNav
            path={url.pathname}
            isAdmin={hasRole(principal.roles, "admin")}
            counts={counts}
          />
        )}
        <div class="who">
          <LanguageForm language={state.language} url={url} />
          {principal !== undefined && (
            <form method="post" action="/sign-out" class="who">
              <span title={principal.roles.join(", ")}>{visibleText(principal.name)}</span>
              <button type="submit" class="button-quiet">{frame.signOut}</button>
            </form>
          )}
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <WaitingContext.Provider value={total}>
          <Component />
        </WaitingContext.Provider>
      </main>
    </WordsContext.Provider>
  );
});

/** Switches to the other language and comes back to this page. */
function LanguageForm({ language, url }: { language: Language; url: URL }): preact.JSX.Element {
  const { frame } = useWords();
  const other = language === "en" ? "zh" : "en";
  return (
    <form method="post" action="/language">
      <input type="hidden" name="back" value={url.pathname + url.search} />
      <button type="submit" name="language" value={other} lang={other} class="button-quiet">
        <span class="visually-hidden">{frame.language}:</span>
        {frame.otherLanguage}
      </button>
    </form>
  );
}
