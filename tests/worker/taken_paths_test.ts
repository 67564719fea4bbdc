/** What walls take away. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { takenPaths } from "../../lib/worker/taken_paths.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import { groundWith } from "./scope_ground.ts";

Deno.test("what is denied is taken whether it is there or not: it may come to be", () => {
  const deny = { read: ["private", "key"], write: ["frozen", "key"] };
  const scope = groundWith({ deny }, "/srv/work");
  assert.deepEqual(takenPaths({ ...scope, ground: { ...scope.ground, paths: [] } }), [
    { path: "/srv/work/private", as: "hidden" },
    { path: "/srv/work/key", as: "hidden" },
    { path: "/srv/work/frozen", as: "read_only" },
  ]);
});

Deno.test("the node's own ground is hidden without any policy", async () => {
  await withTempDir((dir) => {
    const scope = groundWith({}, join(dir, "workspace"));
    const ground = { ...scope.ground, paths: [dir, join(dir, "nowhere")] };
    assert.deepEqual(takenPaths({ ...scope, ground }), [{ path: dir, as: "hidden_directory" }]);
    return Promise.resolve();
  });
});
