/** For tests of walls that can't be without. */
import assert from "node:assert/strict";

/** @throws with what to install where bubblewrap is missing */
export function requireBubblewrap(): void {
  const isThere = ["/usr/bin/bwrap", "/usr/local/bin/bwrap"].some((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  assert.ok(isThere, "these tests need bubblewrap: install the package bubblewrap");
}
