import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import { CodeBlock } from "../../lib/ui/code_block.tsx";
import { MOST_HIGHLIGHTED } from "../../lib/ui/highlight/code_token.ts";
import { shellTokens } from "../../lib/ui/highlight/shell_tokens.ts";
import { MarkedCode } from "../../lib/ui/marked_code.tsx";
import { riskyInShell } from "../../lib/schema/risky_code.ts";

/** What is read in a piece of HTML. */
function textOf(html: string): string {
  return (/<code>(.*?)<\/code>/s.exec(html)?.[1] ?? "").replaceAll(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

function marked(text: string): string {
  return renderToString(
    <MarkedCode
      label="Command"
      text={text}
      places={riskyInShell(text)}
      tokensOf={shellTokens}
    />,
  );
}

Deno.test("a command in colours reads as it was written, with hidden characters shown", () => {
  const text = `echo "</code><script>alert(1)</script>" \u202e'\u200b' # <b>\x1b[31m`;
  const html = marked(text);
  assert.ok(!html.includes("<script") && !html.includes("<b>"));
  assert.equal(
    textOf(html),
    `echo "</code><script>alert(1)</script>" \\u{202e}'\\u{200b}' # <b>\\u{1b}[31m`,
  );
  assert.match(html, /<span +class="code-command">echo<\/span>/);
});

Deno.test("what is risky is marked across its parts, and still in one piece", () => {
  const html = marked('cd x\nrm -rf "$DIR" && ls');
  const inMark = /<mark +class="risky"[^>]*>(.*?)<\/mark>/s.exec(html)?.[1] ?? "";
  assert.equal(inMark.replaceAll(/<[^>]*>/g, ""), "rm -rf &quot;$DIR&quot;");
  assert.match(inMark, /code-option/);
  assert.equal(textOf(html), 'cd x\nrm -rf "$DIR" && ls');
});

Deno.test("a very long text has one colour and is all there", () => {
  const text = "echo a; ".repeat(MOST_HIGHLIGHTED / 8 + 1);
  const html = renderToString(<CodeBlock label="x" text={text} tokensOf={shellTokens} />);
  assert.ok(!html.includes("<span"));
  assert.equal(textOf(html), text);
});
