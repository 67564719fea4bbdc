import type { ComponentChildren, JSX } from "preact";

/** A table that scrolls by itself where the window is narrower than it. */
export function ScrollTable(
  { caption, heads, children }: {
    caption: string;
    heads: readonly string[];
    children: ComponentChildren;
  },
): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
