/** When the tasks of a workspace end for its size. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DiskWatch, sizeOf } from "../../lib/worker/disk_watch.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const BLOCK = 4096;

/** A workspace and temporary files, of two blocks each. */
function fill(dir: string): string[] {
  const directories = ["workspace", "tmp"].map((name) => join(dir, name));
  for (const path of directories) {
    Deno.mkdirSync(join(path, "sub"), { recursive: true });
    for (const name of ["one", "sub/two"]) {
      Deno.writeFileSync(join(path, name), new Uint8Array(BLOCK).fill(1));
    }
  }
  return directories;
}

Deno.test("workspace and temporary files count together, down to every file, and links don't", async () => {
  await withTempDir(async (dir) => {
    const directories = fill(dir);
    Deno.symlinkSync("/usr", join(dir, "workspace/link"));
    assert.equal(await sizeOf(directories, Infinity), 4 * BLOCK);
    assert.equal(await sizeOf([join(dir, "nowhere"), ...directories], Infinity), 4 * BLOCK);
  });
});

Deno.test("a file with holes counts what it takes, not how long it is", async () => {
  await withTempDir(async (dir) => {
    const file = Deno.createSync(join(dir, "holes"));
    file.truncateSync(2 ** 30);
    file.close();
    assert.ok(await sizeOf([dir], Infinity) < BLOCK);
  });
});

Deno.test("over its limit its worker's tasks end and say so; up to it, and elsewhere, none do", async () => {
  await withTempDir(async (dir) => {
    const directories = fill(dir);
    const ended: [string, string][] = [];
    const disk = (workerId: string, limit: number) => ({ workerId, directories, limit });
    const watch = new DiskWatch({
      disks: () => [disk("over", 4 * BLOCK - 1), disk("full", 4 * BLOCK), disk("free", 2 ** 30)],
      end: (workerId, reason) => void ended.push([workerId, reason]),
    });
    assert.equal(await watch.runOnce(), true);
    assert.deepEqual(ended, [["over", "was ended since the workspace has grown over 0 MiB"]]);
    const idle = new DiskWatch({ disks: () => [], end: () => assert.fail("it ended something") });
    assert.equal(await idle.runOnce(), false);
  });
});
