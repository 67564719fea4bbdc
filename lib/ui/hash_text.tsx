import type { JSX } from "preact";

/** The start of a hash, enough to tell two apart; the whole of it to hover over. */
export function HashText({ hash }: { hash: string }): JSX.Element {
  return <code title={hash}>{hash.slice(0, 12)}</code>;
}
