import assert from "node:assert/strict";
import { DagDocument, Permissions, TaskSpec } from "../../lib/schema/dag_spec.ts";
import { HttpRequest } from "../../lib/schema/http_request.ts";
import { Level } from "../../lib/schema/level.ts";
import { parseSpecText } from "../../lib/schema/parse_spec.ts";
import { RetryFields } from "../../lib/schema/retry.ts";
import { Schedule } from "../../lib/schema/schedule.ts";
import { Scope, SCOPE_SOURCES } from "../../lib/schema/scope.ts";
import { PROBLEM_CODES } from "../../lib/schema/spec_problem.ts";

const page = Deno.readTextFileSync(new URL("../../docs/dag-spec.md", import.meta.url));

/** The first block of code in a language. */
function example(language: string): string {
  const block = new RegExp("```" + language + "\n([\\s\\S]*?)```").exec(page)?.[1];
  assert.ok(block, `the page has no ${language} example`);
  return block;
}

Deno.test("docs/dag-spec.md: the examples are accepted, without warnings, as one DAG", () => {
  const hashes = ["json", "toml", "yaml"].map((language) => {
    const result = parseSpecText(example(language));
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(result.warnings, []);
    assert.equal(result.scope_source, "dag_id_prefix");
    return result.spec_hash;
  });
  assert.equal(new Set(hashes).size, 1);
});

Deno.test("docs/dag-spec.md: every code is explained in the words of the catalogue", () => {
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (.*) \|$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  const table = Object.fromEntries(rows.slice(-Object.keys(PROBLEM_CODES).length));
  assert.deepEqual(table, PROBLEM_CODES);
});

Deno.test("docs/dag-spec.md: every field and every way to a scope is named", () => {
  const objects = [DagDocument, ...TaskSpec.options, ...Scope.options, ...Level.options];
  const nested = [Schedule, RetryFields, HttpRequest, Permissions];
  const fields = [...objects, ...nested].flatMap(({ shape }) => Object.keys(shape));
  for (const field of fields) {
    assert.ok(page.includes(`\`${field}\``) || page.includes(`"${field}"`), field);
  }
  for (const source of SCOPE_SOURCES) assert.ok(page.includes(`\`${source}\``), source);
});
