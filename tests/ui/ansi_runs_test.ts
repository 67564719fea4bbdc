import assert from "node:assert/strict";
import { ansiRuns } from "../../lib/ui/ansi_runs.ts";

/** Runs as `text[look]`. */
function shown(line: string): string {
  return ansiRuns(line).map(({ text, look }) => look === "" ? text : `${text}[${look}]`).join("|");
}

Deno.test("colours and styles hold until they are ended", () => {
  assert.equal(shown("plain"), "plain");
  assert.equal(shown("a\x1b[31mb\x1b[1mc\x1b[0md"), "a|b[ansi-red]|c[ansi-red ansi-bold]|d");
  assert.equal(
    shown("\x1b[1;4;92mx\x1b[22my\x1b[39mz\r"),
    [
      "x[ansi-green ansi-bold ansi-underline]",
      "y[ansi-green ansi-underline]",
      "z[ansi-underline]",
    ].join("|"),
  );
  assert.equal(shown("\x1b[35mx\x1b[my"), "x[ansi-magenta]|y");
});

Deno.test("colours by number are ours where we have them, and nothing after them is lost", () => {
  assert.equal(shown("\x1b[38;5;9;1mx"), "x[ansi-red ansi-bold]");
  assert.equal(shown("\x1b[38;2;1;31;3;4mx"), "x[ansi-underline]");
  assert.equal(shown("\x1b[48;5;1mx\x1b[38;5;200my"), "x|y");
});

Deno.test("movements and titles are left out, and what hides is shown by number", () => {
  assert.equal(shown("a\x1b[2Jb\x1b]0;title\x07c\x1b[1;1Hd"), "a|b|c|d");
  assert.equal(shown("\x1b[31m\u202etxt\x08"), "\\u{202e}txt\\u{8}[ansi-red]");
  assert.equal(shown("\x1b[999999999999;;m\x1b[mx\x1b[38m"), "x");
  assert.equal(shown(""), "");
});
