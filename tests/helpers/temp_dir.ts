import { existsSync } from "node:fs";
import { join } from "node:path";
import { closeCgroups, openCgroups } from "../../lib/worker/cgroups.ts";

/** How often the removal is tried while something that was killed still writes, and how long between. */
const TRIES = 100;
const WAIT_MS = 50;

/** Runs `use` with an empty directory that is gone afterwards. */
export async function withTempDir(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    await use(dir);
  } finally {
    for (const dataDir of dataDirsIn(dir)) await removeGroupsOf(dataDir);
    await removeTree(dir);
  }
}

/** The directory and those right in it in which there was a node. */
function dataDirsIn(dir: string): string[] {
  const inner = [...Deno.readDirSync(dir)].filter(({ isDirectory }) => isDirectory);
  return [dir, ...inner.map(({ name }) => join(dir, name))]
    .filter((path) => existsSync(join(path, "cis.db")));
}

/** A node that was killed and not started again has left its control groups. */
async function removeGroupsOf(dataDir: string): Promise<void> {
  const groups = openCgroups(dataDir);
  if (groups !== undefined) await closeCgroups(groups);
}

/** Removes a directory that the worker of a killed node may still be leaving. */
async function removeTree(dir: string): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await Deno.remove(dir, { recursive: true });
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
}
