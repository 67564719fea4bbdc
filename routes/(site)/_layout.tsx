import { define } from "../../lib/api/state.ts";
import { visibleText } from "../../lib/ui/visible_text.ts";

const PLACES = [
  ["/", "Overview"],
  ["/pending", "Waiting"],
  ["/decisions", "Decisions"],
  ["/dags", "DAGs"],
  ["/runs", "Runs"],
  ["/workers", "Workers"],
] as const;

/** What surrounds every page: where one can go, and who is signed in. */
export default define.layout(({ Component, url, state }) => (
  <>
    <a class="skip" href="#main">Skip to the content</a>
    <header class="site">
      <a class="brand" href="/">
        CIS <span class="quiet">{state.node.config.node_id}</span>
      </a>
      {state.principal !== undefined && (
        <>
          <nav aria-label="Main">
            {PLACES.map(([path, name]) => (
              <a key={path} href={path} aria-current={isAt(url, path) ? "page" : undefined}>
                {name}
              </a>
            ))}
          </nav>
          <form method="post" action="/sign-out" class="who">
            <span title={state.principal.roles.join(", ")}>
              {visibleText(state.principal.name)}
            </span>
            <button type="submit" class="button-quiet">Sign out</button>
          </form>
        </>
      )}
    </header>
    <main id="main" tabIndex={-1}>
      <Component />
    </main>
  </>
));

function isAt(url: URL, path: string): boolean {
  if (path === "/") return url.pathname === "/";
  return url.pathname === path || url.pathname.startsWith(`${path}/`);
}
