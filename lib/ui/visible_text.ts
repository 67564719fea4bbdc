/**
 * Text that a model or a task wrote, made honest: characters that can't be seen, or that change the
 * order in which others are seen, are shown by their number. What a person confirms must not look
 * different from what will run.
 * @module
 */

const HIDDEN =
  // deno-lint-ignore no-control-regex -- the control characters are the point
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;
// deno-lint-ignore no-control-regex -- escape sequences begin with one
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])/g;

/** Shows hidden characters as `\u{202e}`; line breaks and tabs stay. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (character) => {
    if (character === "\r") return "\\r";
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

/** A line of output without the colours and cursor movements that were meant for a terminal. */
export function visibleLogLine(text: string): string {
  return visibleText(text.replace(ESCAPES, "").replace(/\r$/, ""));
}

/** Any JSON value as indented text with nothing hidden in it. */
export function visibleJson(value: unknown): string {
  return visibleText(JSON.stringify(value, null, 2) ?? "null");
}
