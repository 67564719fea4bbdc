/**
 * Text that may have been written by anyone, made safe to show in a terminal: a task's name must
 * not be able to move the cursor, forge a line or hide the command that a person is to confirm.
 * @module
 */

// deno-lint-ignore no-control-regex -- the control characters are the point
const UNSAFE = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
// deno-lint-ignore no-control-regex -- escape sequences begin with one
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])/g;

/** Shows control and invisible characters as `\n` or `\u{1b}` instead of doing what they say. */
export function plainText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

/** A line of a task's output without the colours it was written with. */
export function plainLogLine(text: string): string {
  return plainText(text.replace(ESCAPES, "").replace(/\r$/, ""));
}
