import type { ComponentChildren, JSX } from "preact";

/**
 * A table that scrolls by itself where the window is narrower than it. On a telephone its rows are
 * cards below each other.
 */
export function ScrollTable(
  { caption, heads, children }: {
    caption: string;
    heads: readonly string[];
    children: ComponentChildren;
  },
): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table role="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {heads.map((head) => <th key={head} scope="col" role="columnheader">{head}</th>)}
          </tr>
        </thead>
        <tbody role="rowgroup">{children}</tbody>
      </table>
    </div>
  );
}
