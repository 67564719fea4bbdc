import assert from "node:assert/strict";
import fc from "fast-check";
import { safeNext } from "../../lib/ui/safe_next.ts";

Deno.test("a path of this site is kept, with its query and fragment", () => {
  assert.equal(safeNext("/runs?status=failed&q=a%20b#x"), "/runs?status=failed&q=a%20b#x");
  assert.equal(safeNext(null), "/");
  assert.equal(safeNext("/sign-in?next=/sign-in"), "/");
});

Deno.test("nothing leads to another site", () => {
  const site = "http://node.test";
  const part = fc.constantFrom(
    "/",
    "\\",
    "\t",
    "\n",
    ":",
    "@",
    "evil.example",
    "http:",
    ".",
    "%2f",
    "?",
    "#",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      assert.equal(new URL(safeNext(parts.join("")), site).origin, site, parts.join(""));
    }),
    { numRuns: 2_000 },
  );
});
