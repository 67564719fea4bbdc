/** How often the removal is tried while something that was killed still writes, and how long between. */
const TRIES = 100;
const WAIT_MS = 50;

/** Runs `use` with an empty directory that is gone afterwards. */
export async function withTempDir(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    await use(dir);
  } finally {
    await removeTree(dir);
  }
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
