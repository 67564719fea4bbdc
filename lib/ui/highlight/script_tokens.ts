import { type CodeToken, tokensBy } from "./code_token.ts";

const KEYWORDS = "as async await break case catch class const continue default delete do else " +
  "export extends false finally for from function if import in instanceof interface let new null " +
  "of return static super switch this throw true try type typeof undefined var void while yield";

const SCRIPT_PARTS = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$(?![\s\S])))`,
    String.raw`(?<string>"(?:[^"\\\n]|\\[\s\S])*(?:"|\\?$)|'(?:[^'\\\n]|\\[\s\S])*(?:'|\\?$)|` +
    String.raw`\u0060(?:[^\u0060\\]|\\[\s\S])*(?:\u0060|\\?$(?![\s\S])))`,
    // A name behind a dot is a property, whatever it is called.
    String.raw`(?<keyword>(?<![.\w$])(?:${KEYWORDS.replaceAll(" ", "|")})(?![\w$]))`,
    String.raw`(?<command>(?<![\w$])[A-Za-z_$][\w$]{0,99}(?=\())`,
    String.raw`(?<number>(?<![\w$])\d[\w.]{0,40})`,
  ].join("|"),
  "gmu",
);

/** Parts of a module in TypeScript or JavaScript, as far as they can be told without parsing it. */
export function scriptTokens(text: string): CodeToken[] {
  return tokensBy(text, SCRIPT_PARTS);
}
