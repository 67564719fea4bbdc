import assert from "node:assert/strict";
import fc from "fast-check";
import { draftTasks } from "../../lib/schema/draft_tasks.ts";

const most = 10;

/** Ids with what each depends on. */
function outline(text: string): string[] {
  return draftTasks(text, { most }).map(({ id, depends_on }) => `${id} < ${depends_on.join()}`);
}

Deno.test("tasks are made out whatever else is wrong, in every format and spelling", () => {
  assert.deepEqual(outline("tasks: [{id: a, type: nonsense}, {id: b, deps: [a, c, b]}]"), [
    "a < ",
    "b < a",
  ]);
  assert.deepEqual(outline('{"dag": {"tasks": [{"id": "a"}, {"id": "a"}, {"id": 7}, 5]}}'), [
    "a < ",
  ]);
  assert.deepEqual(outline('[[tasks]]\nid = "a"\n[[tasks]]\nid = "b"\ndepends_on = ["a"]'), [
    "a < ",
    "b < a",
  ]);
});

Deno.test("where nothing can be read, or too much is written, there is nothing", () => {
  for (const text of ["", "tasks: [", "tasks: 5", "[]", '{"tasks": {}}']) {
    assert.deepEqual(outline(text), [], text);
  }
  const many = JSON.stringify({ tasks: Array.from({ length: 11 }, (_, id) => ({ id: `t${id}` })) });
  assert.deepEqual(outline(many), []);
});

Deno.test("no text makes it fail", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    const ids = new Set(draftTasks(text, { most }).map(({ id }) => id));
    for (const { depends_on } of draftTasks(text, { most })) {
      assert.ok(depends_on.every((id) => ids.has(id)));
    }
  }));
});
