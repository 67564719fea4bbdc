import assert from "node:assert/strict";
import { DagId, NodeId, RunId, ScopeId, TaskId } from "../../lib/schema/ids.ts";

for (const [name, schema] of [["DagId", DagId], ["TaskId", TaskId]] as const) {
  Deno.test(`${name}: 1 to 128 characters, starting with a letter or digit`, () => {
    for (const good of ["a", "0", "proj-abc_deploy.v1", "A".repeat(128)]) {
      assert.ok(schema.safeParse(good).success, good);
    }
    const bad = ["", "-a", ".a", "_a", "a b", "a/b", "a\n", "ä", "a:b", "A".repeat(129), 1, null];
    for (const value of bad) assert.ok(!schema.safeParse(value).success, String(value));
  });
}

for (const [name, schema] of [["ScopeId", ScopeId], ["NodeId", NodeId]] as const) {
  Deno.test(`${name}: 1 to 64 characters, never a path of dots`, () => {
    for (const good of ["a", "_", ".a", "-", "node-1.example", "a".repeat(64)]) {
      assert.ok(schema.safeParse(good).success, good);
    }
    for (const bad of ["", ".", "..", "...", "a/b", "a b", "a\n", "*", "a".repeat(65)]) {
      assert.ok(!schema.safeParse(bad).success, bad);
    }
  });
}

Deno.test("RunId: dag-run- and a UUID", () => {
  assert.ok(RunId.safeParse("dag-run-018f4e8e-0000-7000-8000-0123456789ab").success);
  for (const bad of ["dag-run-", "018f4e8e-0000-7000-8000-0123456789ab", "dag-run-x"]) {
    assert.ok(!RunId.safeParse(bad).success, bad);
  }
});
