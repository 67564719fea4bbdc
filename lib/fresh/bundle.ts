import { fileURLToPath } from "node:url";
import type { BundleFiles } from "./island_assets.ts";
import { BOOT_FILE } from "./island_url.ts";
import type { IslandRegistry } from "./island_registry.ts";
import { npmResolver } from "./npm_resolver.ts";

/** Bundles in the making; esbuild's helper process serves all of them. */
let underway = 0;

/**
 * Bundles every island for the browser: one file per island, and shared chunks.
 *
 * @throws {Error} when an island or something it imports can't be bundled; the message
 * names file and line
 */
export async function bundle(
  { registry, target, root, mode }: {
    registry: IslandRegistry;
    target: string | string[];
    root: string;
    mode: "development" | "production";
  },
): Promise<BundleFiles> {
  // Importing the islands here lets Deno find their packages for the resolver below.
  await registry.load();
  const esbuild = await import("esbuild");
  underway++;
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: {
        [BOOT_FILE.replace(/\.js$/, "")]: fileURLToPath(import.meta.resolve("./boot.ts")),
        ...Object.fromEntries(registry.entries),
      },
      absWorkingDir: root,
      outdir: root,
      write: false,
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "browser",
      target,
      minify: mode === "production",
      treeShaking: true,
      define: { "process.env.NODE_ENV": JSON.stringify(mode) },
      jsx: "automatic",
      jsxImportSource: "preact",
      tsconfigRaw: {}, // nothing on the way up may change how islands are compiled
      logLevel: "silent", // problems are thrown
      plugins: [npmResolver()],
    });
    return new Map(outputFiles.map(({ path, contents }) => [
      path.slice(root.length).replace(/^[/\\]+/, ""),
      new Uint8Array(contents),
    ]));
  } finally {
    if (--underway === 0) await esbuild.stop(); // it would keep this process alive
  }
}
