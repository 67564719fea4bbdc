/** Rows and cells of a table. On a telephone each row is a card, and its cells say what they are. */
import type { ComponentChildren, JSX } from "preact";

interface PartProps {
  readonly class?: string | undefined;
  readonly children?: ComponentChildren;
}

/** A row. The roles are said aloud, because a card is no table to a browser any more. */
export function Row({ class: look, children }: PartProps): JSX.Element {
  return <tr class={look} role="row">{children}</tr>;
}

/** What a row is about. */
export function RowHead({ class: look, children }: PartProps): JSX.Element {
  return <th class={look} scope="row" role="rowheader">{children}</th>;
}

/** A cell with the head of its column, which on a card stands before it. */
export function Cell(
  { label, class: look, children }: PartProps & { readonly label: string },
): JSX.Element {
  return <td class={look} role="cell" data-label={label}>{children}</td>;
}
