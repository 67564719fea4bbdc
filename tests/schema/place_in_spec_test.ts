import assert from "node:assert/strict";
import { placeInSpec } from "../../lib/schema/place_in_spec.ts";

Deno.test("a place in a task is named after the task", () => {
  const tasks = [{ id: "build" }, { id: "hook" }];
  const cases = [
    ["tasks[1].secrets[0]", "hook: secrets"],
    ["tasks[0].request.headers.x", "build: request"],
    ["tasks[0]", "build"],
    ["tasks[2].secrets", "tasks[2].secrets"],
    ["schedule", "schedule"],
    ["", ""],
  ] as const;
  for (const [path, place] of cases) assert.equal(placeInSpec(path, tasks), place);
});
