import assert from "node:assert/strict";
import { foresightedTime, lowerBound, type TimedTask } from "./ideal_schedule.ts";

const task = (id: string, ms: number, ...depends_on: string[]): TimedTask => ({
  ...{ id, ms, depends_on },
});

Deno.test("the bound is the longest chain, or the work over the slots", () => {
  const chain = [task("a", 3), task("b", 4, "a"), task("c", 1)];
  assert.equal(lowerBound(chain, 4), 7);
  assert.equal(lowerBound(chain, 1), 8);
  assert.equal(foresightedTime(chain, 1), 8);
  assert.equal(foresightedTime(chain, 2), 7);
});

Deno.test("a bound need not be within reach: work that can't be spread evenly", () => {
  const three = [task("a", 2), task("b", 2), task("c", 2)];
  assert.equal(lowerBound(three, 2), 3);
  assert.equal(foresightedTime(three, 2), 4);
});

Deno.test("who starts first is who has the longest time behind it, not the most tasks", () => {
  const tasks = [task("a1", 1), task("a2", 1, "a1"), task("long", 10)];
  assert.equal(foresightedTime(tasks, 1), 12);
  assert.equal(foresightedTime([...tasks, task("b", 2)], 2), 10);
});
