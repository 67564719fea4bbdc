import { type CodeToken, tokensBy } from "./code_token.ts";
import { jsonTokens } from "./json_tokens.ts";

const HEAD_PARTS = /(?<command>^[A-Z]{3,10}(?= ))|(?<name>^[\w-]{1,100}(?=:))/gmu;

/** Parts of a request: its method, the names of its headers, and a body that is JSON. */
export function httpTokens(text: string): CodeToken[] {
  const blank = text.indexOf("\n\n");
  const end = blank < 0 ? text.length : blank;
  const body = jsonTokens(text.slice(end)).map(({ kind, from, to }) => ({
    kind,
    from: from + end,
    to: to + end,
  }));
  return [...tokensBy(text.slice(0, end), HEAD_PARTS), ...(isJson(text.slice(end)) ? body : [])];
}

function isJson(text: string): boolean {
  return /^\s*[[{"]/.test(text);
}
