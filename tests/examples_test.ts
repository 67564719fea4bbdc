/** The files in examples/: what a user copies has to be right. */
import assert from "node:assert/strict";
import { parseSpecText } from "../lib/schema/parse_spec.ts";
import { scopeKey } from "../lib/schema/scope.ts";

const EXAMPLES = new URL("../examples/", import.meta.url);

const names = [...Deno.readDirSync(EXAMPLES)].filter((entry) => entry.isFile)
  .map((entry) => entry.name).sort();

function read(name: string): string {
  return Deno.readTextFileSync(new URL(name, EXAMPLES));
}

function parse(name: string): Extract<ReturnType<typeof parseSpecText>, { ok: true }> {
  const parsed = parseSpecText(read(name));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed;
}

for (const name of names) {
  Deno.test(`examples/${name} is a DAG without problems or warnings, and says what it shows`, () => {
    const { spec, warnings } = parse(name);
    assert.deepEqual(warnings, []);
    assert.equal(`${spec.dag_id}.${name.split(".").at(-1)}`, name);
    assert.ok((spec.description ?? "").length > 20, "the description says too little");
    // JSON has no comments; its description has to do.
    if (!name.endsWith(".json")) assert.match(read(name), /^# \S.{40,}/);
  });
}

Deno.test("the examples show every format, type of scope and kind of task that runs", () => {
  const specs = names.map((name) => parse(name).spec);
  assert.deepEqual(
    [...new Set(names.map((name) => name.split(".").at(-1)))].sort(),
    ["json", "toml", "yaml"],
  );
  assert.deepEqual(
    [...new Set(specs.map((spec) => spec.scope.type))].sort(),
    ["global", "project", "type", "user"],
  );
  assert.ok(specs.some(({ scope }) => scope.type === "project" && !scope.reuse_worker));
  assert.deepEqual(
    [...new Set(specs.flatMap((spec) => spec.tasks.map((task) => task.type)))].sort(),
    ["approval", "deno", "http", "shell"],
  );
});

Deno.test("cis.config.json gives the examples that need this repository their workspace", () => {
  const config = JSON.parse(Deno.readTextFileSync(new URL("../cis.config.json", EXAMPLES))) as {
    workspaces: Record<string, string>;
  };
  for (const name of ["check-repository.yaml", "leap-seconds.yaml"]) {
    assert.equal(config.workspaces[scopeKey(parse(name).spec.scope)], ".");
  }
});
