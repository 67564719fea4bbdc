import { join, relative } from "node:path";
import { isSource, walk } from "./fs_crawl.ts";

/**
 * Identifies this state of a project: changes when any source, static file or the list of
 * dependencies does. It is known without bundling anything.
 *
 * @returns 16 hexadecimal digits
 */
export async function computeBuildId(
  { root, staticDir, outDir }: {
    root: string;
    staticDir: string[];
    outDir: string;
  },
): Promise<string> {
  const sources = walk(root, (dir) => dir === outDir || isForeign(dir)).filter(isSource);
  const settings = ["deno.json", "deno.jsonc", "deno.lock"].map((name) => join(root, name));
  const files = [...sources, ...settings, ...staticDir.flatMap((dir) => walk(dir))];
  const lines = await Promise.all(
    files.map(async (file) => `${relative(root, file)} ${await hashFile(file)}`),
  );
  return (await sha256(new TextEncoder().encode(lines.join("\n")))).slice(0, 16);
}

/** Folders that hold no source of the project's own. */
function isForeign(dir: string): boolean {
  return /[/\\](?:\.[^/\\]*|node_modules)$/.test(dir);
}

async function hashFile(file: string): Promise<string> {
  try {
    return await sha256(await Deno.readFile(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "-"; // a project need not have them all
    throw error;
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
