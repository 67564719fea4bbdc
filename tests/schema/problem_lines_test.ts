import assert from "node:assert/strict";
import fc from "fast-check";
import { parseSpecText } from "../../lib/schema/parse_spec.ts";
import { lineFinder } from "../../lib/schema/problem_lines.ts";

/** The lines of all problems of a text, as `line path`. */
function placed(text: string): string[] {
  const parsed = parseSpecText(text);
  if (parsed.ok) return [];
  const lineOf = lineFinder(text);
  return parsed.problems.map((problem) => `${lineOf(problem)} ${problem.path}`).sort();
}

const YAML = `dag_id: hello
tasks:
  - id: a
    type: shell
    command: echo a
    depends_on: [nowhere]
  - id: b
    type: shel
    env:
      "a b": x
`;
const TOML = `dag_id = "hello"
[[tasks]]
id = "a"
type = "shell"
command = """
depends_on = ["not a key"]
"""
depends_on = ["nowhere"]

[[tasks]]
id = "b"
type = "shel"
[tasks.env]
"a b" = "x"
`;
const JSON_TEXT = `{
  "dag_id": "hello",
  "tasks": [
    {"id": "a", "type": "shell", "command": "echo a",
\t"depends_on": ["nowhere"]},
    {"id": "b",
     "type": "shel",
     "env": {"a b": "x"}}
  ]
}`;

Deno.test("problems are placed in YAML, TOML and JSON", () => {
  const at = (text: string, part: string | RegExp): number =>
    text.slice(0, text.search(part)).split("\n").length;
  for (const text of [YAML, TOML, JSON_TEXT]) {
    const lines = placed(text);
    assert.ok(lines.includes(`${at(text, "nowhere")} tasks[0].depends_on[0]`), lines.join("\n"));
    assert.ok(lines.includes(`${at(text, /shel["\n]/)} tasks[1].type`), lines.join("\n"));
    assert.ok(
      lines.some((line) => line === `${at(text, "a b")} tasks[1].env["a b"]`),
      lines.join("\n"),
    );
  }
});

Deno.test("what can't be read has the line of its message, and what is absent that around it", () => {
  assert.deepEqual(placed("dag_id: x\ntasks: [\n"), ["3 "]);
  assert.deepEqual(placed('{"dag_id": "x",\n "tasks": [}'), ["2 "]);
  assert.deepEqual(placed('dag_id = "x"\ntasks = \n'), ["2 "]);
  assert.deepEqual(placed("dag_id: x\ntasks:\n  - id: a\n    type: shell\n"), [
    "3 tasks[0].command",
  ]);
  assert.deepEqual(placed("dag_id: x\n"), ["undefined tasks"]);
});

Deno.test("no text breaks the search for lines", () => {
  const problem = { path: 'tasks[0].env["a]b"].c', message: "m" };
  fc.assert(fc.property(fc.string(), (text) => void lineFinder(text)(problem)));
  lineFinder("[".repeat(100_000))(problem);
  lineFinder(`a: ${"{a: ".repeat(5_000)}`)(problem);
});
