import type { JSX } from "preact";

/** Link to the next page of a list, and back to its beginning; nothing when there is one page. */
export function NextPage({ url, cursor }: { url: URL; cursor: string | null }): JSX.Element | null {
  const isFirst = !url.searchParams.has("cursor");
  if (isFirst && cursor === null) return null;
  return (
    <nav class="pages" aria-label="Pages">
      {!isFirst && <a href={withCursor(url, null)}>First page</a>}
      {cursor !== null && <a href={withCursor(url, cursor)} rel="next">Next page</a>}
    </nav>
  );
}

function withCursor(url: URL, cursor: string | null): string {
  const query = new URLSearchParams(url.searchParams);
  if (cursor === null) query.delete("cursor");
  else query.set("cursor", cursor);
  return query.size === 0 ? url.pathname : `${url.pathname}?${query}`;
}
