import { Head } from "fresh/runtime";
import type { JSX } from "preact";
import { useWords } from "./words/words.ts";

/** How often a page that goes on reloads itself without JavaScript, in seconds. */
const RELOAD_SEC = 2;

/** Where there is no JavaScript, the page as a whole is loaded again and again, unless held still. */
export function PageReload({ url }: { url: URL }): JSX.Element {
  const { run: words } = useWords();
  const isOff = url.searchParams.get("reload") === "off";
  const link = new URL(url);
  if (isOff) link.searchParams.delete("reload");
  else link.searchParams.set("reload", "off");
  const href = link.pathname + link.search;
  if (isOff) {
    return (
      <noscript>
        <a href={href}>{words.keep}</a>
      </noscript>
    );
  }
  return (
    <>
      <Head>
        {/* Told apart by its key from the one below, which Fresh would else draw it in place of. */}
        <noscript key="reload">
          <meta http-equiv="refresh" content={String(RELOAD_SEC)} />
        </noscript>
      </Head>
      <noscript>
        {words.reloads(RELOAD_SEC)} <a href={href}>{words.hold}</a>
      </noscript>
    </>
  );
}
