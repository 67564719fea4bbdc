/** What walls take away: how a denied path is hidden depends on what is there. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { takenPaths } from "../../lib/worker/taken_paths.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import { groundWith } from "./scope_ground.ts";

Deno.test("denied files and directories are hidden, those denied to writers read-only", async () => {
  await withTempDir((workspace) => {
    for (const name of ["private", "frozen"]) Deno.mkdirSync(join(workspace, name));
    Deno.writeTextFileSync(join(workspace, "key"), "");
    const deny = {
      read: ["private", "key", "nowhere"],
      write: ["frozen", "key", "nowhere-else"],
    };
    const scope = groundWith({ deny }, workspace);
    const at = (name: string): string => join(workspace, name);
    assert.deepEqual(takenPaths({ ...scope, ground: { ...scope.ground, paths: [] } }), [
      { path: at("private"), as: "hidden_directory" },
      { path: at("key"), as: "hidden_file" },
      { path: at("frozen"), as: "read_only" },
    ]);
    return Promise.resolve();
  });
});

Deno.test("the node's own ground is hidden without any policy", async () => {
  await withTempDir((dir) => {
    const scope = groundWith({}, join(dir, "workspace"));
    const ground = { ...scope.ground, paths: [dir, join(dir, "nowhere")] };
    assert.deepEqual(takenPaths({ ...scope, ground }), [{ path: dir, as: "hidden_directory" }]);
    return Promise.resolve();
  });
});
