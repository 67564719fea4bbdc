import assert from "node:assert/strict";
import { PRIORITIES, Priority, priorityRank } from "../../lib/schema/priority.ts";

Deno.test("Priority takes any case and gives lower case", () => {
  for (const text of ["urgent", "Urgent", "URGENT"]) assert.equal(Priority.parse(text), "urgent");
  for (const bad of ["critical", "", 3, null]) assert.ok(!Priority.safeParse(bad).success);
});

Deno.test("priorityRank orders urgent 3 to low 0", () => {
  assert.deepEqual(PRIORITIES.map(priorityRank), [0, 1, 2, 3]);
  assert.equal(priorityRank("urgent"), 3);
  assert.equal(priorityRank("low"), 0);
});
