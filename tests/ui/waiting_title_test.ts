import assert from "node:assert/strict";
import { countIn, withCount } from "../../lib/ui/waiting_title.ts";

Deno.test("a title has how much waits in front of it, once, and is asked for it", () => {
  assert.equal(withCount("Runs · CIS", 0), "Runs · CIS");
  assert.equal(withCount("Runs · CIS", 3), "(3) Runs · CIS");
  assert.equal(withCount("(3) Runs · CIS", 12), "(12) Runs · CIS");
  assert.equal(withCount("(12) Runs · CIS", 0), "Runs · CIS");
  assert.deepEqual(["(12) Runs", "Runs (2)", ""].map(countIn), [12, 0, 0]);
});
