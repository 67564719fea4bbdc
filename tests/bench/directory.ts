/** A directory for as long as a benchmark takes. */

/** Runs `use` with it. */
export async function inDirectory<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await Deno.makeTempDir({ prefix: "cis-bench-" });
  try {
    return await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
