import { define } from "../../lib/api/state.ts";
import type { Language } from "../../lib/schema/language.ts";
import { hasRole } from "../../lib/schema/roles.ts";
import { visibleText } from "../../lib/ui/visible_text.ts";
import { useWords, WordsContext, wordsOf } from "../../lib/ui/words/words.ts";

const PLACES = [
  ["/", "overview"],
  ["/pending", "waiting"],
  ["/decisions", "decisions"],
  ["/dags", "dags"],
  ["/runs", "runs"],
  ["/workers", "workers"],
  ["/logs", "logs"],
] as const;

/** What surrounds every page: where one can go, who is signed in, and in which language. */
export default define.layout(({ Component, url, state }) => {
  const { frame } = wordsOf(state.language);
  const { principal } = state;
  return (
    <WordsContext.Provider value={wordsOf(state.language)}>
      <a class="skip" href="#main">{frame.skip}</a>
      <header class="site">
        <a class="brand" href="/">
          CIS <span class="quiet">{state.node.config.node_id}</span>
        </a>
        {principal !== undefined && (
          <nav aria-label={frame.main}>
            {[...PLACES, ...(hasRole(principal.roles, "admin") ? [SETTINGS] : [])].map((
              [path, name],
            ) => (
              <a key={path} href={path} aria-current={isAt(url, path) ? "page" : undefined}>
                {frame[name]}
              </a>
            ))}
          </nav>
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
        <Component />
      </main>
    </WordsContext.Provider>
  );
});

const SETTINGS = ["/settings", "settings"] as const;

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

function isAt(url: URL, path: string): boolean {
  if (path === "/") return url.pathname === "/";
  return url.pathname === path || url.pathname.startsWith(`${path}/`);
}
