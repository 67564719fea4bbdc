/** Parts of code that are told apart when it is shown. */

export type TokenKind =
  | "comment"
  | "string"
  | "name"
  | "keyword"
  | "command"
  | "option"
  | "variable"
  | "number"
  | "operator";

/** A part of a text; what is in no token is shown as it is. */
export interface CodeToken {
  readonly kind: TokenKind;
  readonly from: number;
  readonly to: number;
}

/** Longer texts are shown in one colour: nobody reads them here, and each part costs. */
export const MOST_HIGHLIGHTED = 30_000;

/** The parts that a pattern with one named group for each kind finds; each begins where the last ended or later. */
export function tokensBy(text: string, pattern: RegExp): CodeToken[] {
  const tokens: CodeToken[] = [];
  for (const match of text.matchAll(pattern)) {
    const kind = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined)?.[0];
    if (kind === undefined || match[0] === "") continue;
    const from = match.index;
    tokens.push({ kind: kind as TokenKind, from, to: from + match[0].length });
  }
  return tokens;
}
