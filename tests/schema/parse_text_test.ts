import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify as toToml } from "smol-toml";
import { stringify as toYaml } from "yaml";
import { detectFormat } from "../../lib/schema/decode_text.ts";
import { findJsonSyntaxError } from "../../lib/schema/json_syntax.ts";
import { parseSpecText, type ParseTextOptions } from "../../lib/schema/parse_spec.ts";
import { PROBLEM_CODES } from "../../lib/schema/spec_problem.ts";
import { assertLinear } from "../helpers/growth.ts";

const DOCUMENT = {
  dag_id: "proj-abc-build",
  description: "构建 → deploy",
  env: { MODE: "release", EMPTY: "", QUOTED: "yes: # \"no\" 'x'\n" },
  max_parallel: 4,
  timeout: 90.5,
  tasks: [
    { id: "1", type: "shell", command: "echo one\necho two\n" },
    {
      id: "b",
      type: "skill",
      skill: "x",
      params: { on: true, n: [1, 2.5, "3"] },
      depends_on: ["1"],
    },
  ],
};

function hashOfText(text: string, options?: ParseTextOptions): string {
  const result = parseSpecText(text, options);
  assert.ok(result.ok, JSON.stringify(result));
  return result.spec_hash;
}

function faultOfText(text: string, options?: ParseTextOptions): { code: string; message: string } {
  const result = parseSpecText(text, options);
  assert.ok(!result.ok, "the text was accepted");
  const [first] = result.problems;
  assert.ok(first);
  return first;
}

Deno.test("JSON, TOML and YAML of the same content have the same hash", () => {
  const expected = hashOfText(JSON.stringify(DOCUMENT));
  assert.equal(hashOfText(JSON.stringify(DOCUMENT, null, 2)), expected);
  assert.equal(hashOfText(toToml(DOCUMENT)), expected);
  assert.equal(hashOfText(toYaml(DOCUMENT)), expected);
  assert.equal(hashOfText(toYaml(DOCUMENT), { format: "yaml" }), expected);
  assert.equal(hashOfText(JSON.stringify(DOCUMENT), { format: "yaml" }), expected);
  assert.equal(hashOfText("\ufeff" + JSON.stringify(DOCUMENT)), expected);
  assert.equal(
    hashOfText(toToml(DOCUMENT).replaceAll("\n", "\r\n").replaceAll("\\r\\n", "\\n")),
    expected,
  );
});

Deno.test("the format is told by the first line that says something", () => {
  const cases: [string, string][] = [
    ['\n  {"a": 1}', "json"],
    ["{}", "json"],
    ["# note\n\n[dag]\n", "toml"],
    ["[[dag.tasks]]", "toml"],
    ['dag_id = "x"', "toml"],
    ['"dag_id" = "x"', "toml"],
    ["dag.env = {}", "toml"],
    ["# note\ndag_id: x", "yaml"],
    ["---\ndag_id: x", "yaml"],
    ["%YAML 1.2\n---\na: 1", "yaml"],
    ["command: A=b", "yaml"],
    ["- a", "yaml"],
    ["", "yaml"],
  ];
  for (const [text, format] of cases) assert.equal(detectFormat(text), format, text);
});

/** Texts with a mistake: the code and what the message must say. */
const MISTAKES: [string, string, RegExp][] = [
  ['{\n  "a": 1,\n}', "syntax_error", /JSON: line 3, column 1: a comma before } is one too many/],
  ['{"a": 1 "b": 2}', "syntax_error", /line 1, column 9: a string stands where a comma/],
  ['{"a": }', "syntax_error", /line 1, column 7: } stands where a value/],
  ['{"a" 1}', "syntax_error", /line 1, column 6: 1 stands where ":"/],
  ["{a: 1}", "syntax_error", /line 1, column 2: "a" stands where a key in double quotes/],
  ["{'a': 1}", "syntax_error", /line 1, column 2: JSON strings have double quotes/],
  ['{"a": 1} // x', "syntax_error", /line 1, column 10: JSON has no comments/],
  ['{"a": "x\n"}', "syntax_error", /line 1, column 7: a string has no end/],
  ['{"a": "\\x"}', "syntax_error", /line 1, column 7: .*bad escape/],
  ['{"a": [1, 2', "syntax_error", /line 1, column 12: the text ends/],
  ['{"a": 01}', "syntax_error", /line 1, column 8/],
  ['{"a": 1]', "syntax_error", /line 1, column 8: ] stands where/],
  ['{"a": tru}', "syntax_error", /line 1, column 7/],
  ["[dag]\nx = ", "syntax_error", /TOML: line 2, column/],
  ["a = 1\nb = 2\na = 3", "duplicate_key", /TOML: line 3, column/],
  ["a = " + "[".repeat(5_000), "too_deep", /nested/],
  ["a: [1\nb: 2", "syntax_error", /YAML: line 2, column 1/],
  ["a: 1\nb:\n  c: 1\n  c: 2", "duplicate_key", /YAML: line 4, column 3: the key "c" occurs twice/],
  ["a: !!js/function x", "syntax_error", /YAML: line 1, column 4: .*tag/],
  ["a: 1\n---\nb: 2", "syntax_error", /several YAML documents/],
  ["a: " + "[".repeat(50_000), "too_deep", /deep/],
  ["a: .inf", "not_json", /Infinity has no JSON form/],
  ["a = 2024-01-01", "not_json", /a date has no JSON form/],
  ['{"__proto__": {}}', "forbidden_key", /__proto__/],
  ["__proto__: {}", "forbidden_key", /__proto__/],
  ['["__proto__"]\na = 1', "forbidden_key", /__proto__/],
  ['{"a": 1e999}', "not_json", /Infinity/],
  ["", "not_an_object", /empty/],
  ["  \n", "not_an_object", /empty/],
  ["hello", "not_an_object", /"hello"/],
  ["- a", "not_an_object", /a list/],
];
for (const [text, code, message] of MISTAKES) {
  Deno.test(`text ${JSON.stringify(text).slice(0, 50)}: ${code}`, () => {
    const found = faultOfText(text);
    assert.equal(found.code, code);
    assert.match(found.message, message);
  });
}

Deno.test("YAML aliases are followed within reason", () => {
  const text = `
dag_id: d
tasks:
  - { id: a, type: noop, env: &common { A: "1" } }
  - { id: b, type: noop, env: *common }
`;
  const result = parseSpecText(text);
  assert.ok(result.ok);
  assert.deepEqual(result.spec.tasks[1]?.env, { A: "1" });
});

Deno.test("YAML aliases are no bomb", () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) => `l${i}: &l${i} [${i === 0 ? "x, x" : `*l${i - 1}, *l${i - 1}`}]`,
  );
  assert.equal(faultOfText(levels.join("\n")).code, "too_large");
  const wide = `a: &a ${JSON.stringify("x".repeat(50_000))}\nb: [${"*a, ".repeat(90)}]`;
  assert.equal(faultOfText(wide).code, "too_large");
  assert.equal(faultOfText("a: &a [*a]").code, "too_deep");
});

Deno.test("many YAML keys are compared in linear time", () => {
  const parse = (keys: number): () => void => {
    const env = Array.from({ length: keys }, (_, i) => `  k${i}: "1"`).join("\n");
    const text = `dag_id: d\nenv:\n${env}\ntasks: [{id: a, type: noop}]`;
    return () => assert.equal(parseSpecText(text).ok, true);
  };
  assertLinear(parse(5_000), parse(20_000));
});

Deno.test("the given format is taken at its word", () => {
  const text = 'dag_id: "x"';
  assert.match(faultOfText(text, { format: "json" }).message, /^not JSON/);
  assert.match(faultOfText(text, { format: "toml" }).message, /^not TOML/);
});

Deno.test("findJsonSyntaxError agrees with the engine about what is JSON", () => {
  const pieces = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"a"',
    "1",
    "-0.5e3",
    "true",
    "null",
    " ",
    "\n",
    "x",
    '"',
  ];
  const texts = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join("")),
    fc.json(),
    fc.json().chain((text) => fc.nat(text.length).map((cut) => text.slice(0, cut))),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      assert.equal(findJsonSyntaxError(text) === undefined, isJson, text);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("whatever the text, the answer is a spec or problems from the catalogue", () => {
  const line = fc.constantFrom(
    "[dag]",
    "[[dag.tasks]]",
    "tasks:",
    "  - id: a",
    "    type: noop",
    'dag_id = "d"',
    "dag_id: d",
    "&a",
    "*a",
    "<<: *a",
    "? x",
    "!!binary x",
    "{",
    "}",
    "[",
    "]",
    "|",
    ">",
    "'",
    '"',
    "\t",
    "---",
    "...",
    "deps = []",
    "    deps: [a]",
    'id = "a"',
    "level = { type = 'confirmed' }",
    "\0",
    "\ud800",
    "#",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(line, { maxLength: 15 }).map((lines) => lines.join("\n")),
    fc.array(line, { maxLength: 15 }).map((lines) => "{" + lines.join(" ")),
  );
  const format = fc.constantFrom(undefined, "json", "toml", "yaml");
  fc.assert(
    fc.property(texts, format, (text, format) => {
      const result = parseSpecText(
        text,
        format === undefined ? {} : { format } as ParseTextOptions,
      );
      if (result.ok) return;
      assert.ok(result.problems.length > 0);
      for (const { code } of result.problems) assert.ok(Object.hasOwn(PROBLEM_CODES, code), code);
    }),
    { numRuns: 2_000 },
  );
});
