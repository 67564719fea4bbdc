import { type CodeToken, tokensBy } from "./code_token.ts";

/** One that doesn't end is one up to the end of its line. */
const STRING = String.raw`"(?:[^"\\\n]|\\.)*(?:"|\\?$)`;
const JSON_PARTS = new RegExp(
  String.raw`(?<name>${STRING}(?=\s{0,9}:))|(?<string>${STRING})|` +
    String.raw`(?<number>-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|(?<keyword>\b(?:true|false|null)\b)`,
  "gmu",
);

/** Parts of a JSON text. */
export function jsonTokens(text: string): CodeToken[] {
  return tokensBy(text, JSON_PARTS);
}
