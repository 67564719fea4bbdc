import type { JSX } from "preact";
import { useWords } from "./words/words.ts";

/** Link to the next page of a list, and back to its beginning; nothing when there is one page. */
export function NextPage({ url, cursor }: { url: URL; cursor: string | null }): JSX.Element | null {
  const { frame } = useWords();
  const isFirst = !url.searchParams.has("cursor");
  if (isFirst && cursor === null) return null;
  return (
    <nav class="pages" aria-label={frame.pages}>
      {!isFirst && <a href={withCursor(url, null)}>{frame.firstPage}</a>}
      {cursor !== null && <a href={withCursor(url, cursor)} rel="next">{frame.nextPage}</a>}
    </nav>
  );
}

function withCursor(url: URL, cursor: string | null): string {
  const query = new URLSearchParams(url.searchParams);
  if (cursor === null) query.delete("cursor");
  else query.set("cursor", cursor);
  return query.size === 0 ? url.pathname : `${url.pathname}?${query}`;
}
