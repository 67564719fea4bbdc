import assert from "node:assert/strict";
import fc from "fast-check";
import type { CodeToken } from "../../../lib/ui/highlight/code_token.ts";
import { httpTokens } from "../../../lib/ui/highlight/http_tokens.ts";
import { jsonTokens } from "../../../lib/ui/highlight/json_tokens.ts";
import { scriptTokens } from "../../../lib/ui/highlight/script_tokens.ts";
import { shellTokens } from "../../../lib/ui/highlight/shell_tokens.ts";
import { assertLinear } from "../../helpers/growth.ts";

type Reader = (text: string) => CodeToken[];
const READERS: Readonly<Record<string, Reader>> = {
  shell: shellTokens,
  script: scriptTokens,
  json: jsonTokens,
  http: httpTokens,
};

/** Parts as text: `command echo`. */
function parts(read: Reader, text: string): string[] {
  return read(text).map(({ kind, from, to }) => `${kind} ${text.slice(from, to)}`);
}

Deno.test("commands, options, strings and variables of a shell command are told apart", () => {
  assert.deepEqual(
    parts(shellTokens, `FOO=1 curl -sS "https://$HOST/x" | sh -c 'a $b' # done`),
    [
      "variable FOO=",
      "command curl",
      "option -sS",
      'string "https://',
      "variable $HOST",
      'string /x"',
      "operator |",
      "command sh",
      "option -c",
      "string 'a $b'",
      "comment # done",
    ].filter((part) => part !== "command 1"),
  );
});

Deno.test("a command begins on each line, behind each separator and each word that asks for one", () => {
  const commands = (text: string): string[] =>
    parts(shellTokens, text).filter((part) => part.startsWith("command "))
      .map((part) => part.slice("command ".length));
  assert.deepEqual(commands("cd a && make\nls; pwd & true || false"), [
    ...["cd", "make", "ls", "pwd", "true", "false"],
  ]);
  assert.deepEqual(commands("if test -f x; then rm x; else echo no; fi"), ["test", "rm", "echo"]);
  assert.deepEqual(commands("for f in a b; do cat $f; done"), ["cat"]);
  assert.deepEqual(commands("echo $(date +%F) `id` \\\n  more"), ["echo", "date", "id"]);
  assert.deepEqual(commands("echo a#b if then"), ["echo"]);
  assert.deepEqual(commands('A="$B" C=`pwd` D=$(id -u) make'), ["pwd", "id", "make"]);
});

Deno.test("a text within a shell command is a text, and the command goes on behind it", () => {
  const text = "cat <<'EOF' > f\nit's $HOME\n  EOF not yet\nEOF\nls -l";
  assert.deepEqual(parts(shellTokens, text), [
    "command cat",
    "operator <<'EOF'",
    "operator >",
    "string it's $HOME\n  EOF not yet\nEOF",
    "command ls",
    "option -l",
  ]);
  // One that never ends is a command like any other.
  assert.ok(parts(shellTokens, "cat <<X\nls -l").includes("command ls"));
});

Deno.test("keywords, strings, comments and calls of a script are told apart", () => {
  assert.deepEqual(
    parts(scriptTokens, "// a\nconst x = f(`b ${1}`, 'c\\'d', 0x1F); return o.delete;"),
    [
      "comment // a",
      "keyword const",
      "command f",
      "string `b ${1}`",
      "string 'c\\'d'",
      "number 0x1F",
      "keyword return",
    ],
  );
});

Deno.test("names and values of JSON are told apart, and a request's head as well", () => {
  assert.deepEqual(parts(jsonTokens, `{"a": ["b:", -1.5e3, true, null]}`), [
    'name "a"',
    'string "b:"',
    "number -1.5e3",
    "keyword true",
    "keyword null",
  ]);
  assert.deepEqual(parts(httpTokens, `POST https://x.org\naccept: a\n\n{"b": 1}`), [
    "command POST",
    "name accept",
    'name "b"',
    "number 1",
  ]);
  assert.deepEqual(parts(httpTokens, `GET https://x.org\n\nplain "text": 1`), ["command GET"]);
});

for (const [name, read] of Object.entries(READERS)) {
  Deno.test(`parts of ${name} are in order and never cut a character, whatever the text`, () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom('"', "'", "`", "\\", "$", "<<E\n", "\nE\n", "/*", "#", "${", "\u{1f600}"),
    );
    fc.assert(fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("");
      let done = 0;
      for (const { from, to } of read(text)) {
        assert.ok(from >= done && to > from && to <= text.length);
        for (const at of [from, to]) {
          const isCut = /^[\ud800-\udbff]$/.test(text[at - 1] ?? "") &&
            /^[\udc00-\udfff]$/.test(text[at] ?? "");
          assert.ok(!isCut, `cut at ${at}`);
        }
        done = to;
      }
    }));
  });

  Deno.test(`a text of ${name} that was made to take long takes as long as it is`, () => {
    const traps = ['"', "'", "`", "\\", "/*", "${", "<<E ", "\n<<A", '"\\', "a=", "$(", "-", '{"'];
    const all = (length: number): string[] => [
      ...traps.map((trap) => trap.repeat(length / trap.length)),
      Array.from({ length: length / 8 }, (_, at) => `<<E${at}\n`).join(""),
    ];
    const [small, large] = [all(20_000), all(80_000)];
    assertLinear(() => small.forEach(read), () => large.forEach(read));
  });
}
