import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type App, type ListenOptions, setSnapshot } from "./app.ts";
import { computeBuildId } from "./build_id.ts";
import { bundle } from "./bundle.ts";
import { crawlRoutes, isEager, sourceFiles } from "./fs_crawl.ts";
import { IslandRegistry } from "./island_registry.ts";
import { IslandAssets } from "./island_assets.ts";
import type { Snapshot } from "./snapshot.ts";
import { StaticDir } from "./static_dir.ts";

/** Paths are absolute, file URLs, or relative to `root`. */
export interface BuildOptions {
  /** Browsers to bundle for, in esbuild's words. */
  target?: string | string[];
  /** The project's folder (default: the current one). */
  root?: string;
  serverEntry?: string;
  /** Where `snapshot: "disk"` writes bundles (default `_fresh`). */
  outDir?: string;
  staticDir?: string | string[];
  islandDir?: string;
  routeDir?: string;
  /** Files to leave out. */
  ignore?: RegExp[];
}

export interface ResolvedBuildConfig {
  target: string | string[];
  root: string;
  serverEntry: string;
  outDir: string;
  staticDir: string[];
  islandDir: string;
  routeDir: string;
  ignore: RegExp[];
  mode: "development" | "production";
}

const TEST_FILES = /[._]test\.[jt]sx?$/;

/** Finds a project's routes, islands and static files and hands them to an app. */
export class Builder<_State = unknown> {
  config: ResolvedBuildConfig;
  #islands: Set<string> = new Set();

  constructor(options: BuildOptions = {}) {
    const root = toPath(options.root ?? ".", Deno.cwd());
    const at = (path: string | undefined, name: string): string => toPath(path ?? name, root);
    this.config = {
      target: options.target ?? ["chrome99", "firefox99", "safari15"],
      root,
      serverEntry: at(options.serverEntry, "main.ts"),
      outDir: at(options.outDir, "_fresh"),
      staticDir: [options.staticDir ?? "static"].flat().map((dir) => toPath(dir, root)),
      islandDir: at(options.islandDir, "islands"),
      routeDir: at(options.routeDir, "routes"),
      ignore: options.ignore ?? [TEST_FILES],
      mode: "production",
    };
  }

  /** Adds an island that lies outside the island folders; a path or a file URL. */
  registerIsland(specifier: string): void {
    this.#islands.add(toPath(specifier, this.config.root));
  }

  /**
   * Prepares everything an app needs to answer. With `snapshot: "memory"` island bundles
   * are made when a browser first asks for one; with `"disk"` they are made now and
   * written to `outDir`, where later starts find them.
   *
   * @returns a function that applies the result to an app
   */
  async build(
    options: { mode?: "development" | "production"; snapshot?: "disk" | "memory" } = {},
  ): Promise<<State>(app: App<State>) => void> {
    this.config.mode = options.mode ?? "production";
    const { routeDir, islandDir, staticDir, ignore, mode, root, outDir } = this.config;

    const { files, islands } = crawlRoutes(routeDir, ignore);
    await Promise.all(files.filter(isEager).map(async (file) => file.module = await file.load()));

    const registry = new IslandRegistry(
      new Set([...sourceFiles(islandDir, ignore), ...islands, ...this.#islands]),
    );
    const assets = new IslandAssets({
      outDir,
      buildId: () => computeBuildId(this.config),
      bundle: () => bundle({ ...this.config, registry }),
    });
    if (options.snapshot !== "memory") await assets.writeToDisk();

    const statics = new StaticDir(staticDir, { fresh: mode === "development" });
    const snapshot: Snapshot = {
      root,
      mode,
      files,
      islands: registry,
      buildId: () => assets.buildId(),
      asset: async (path) => await assets.asset(path) ?? await statics.asset(path),
    };
    return (app) => setSnapshot(app, snapshot);
  }

  /** Builds for development and serves; use `deno run --watch` for reloads. */
  async listen<State>(
    importApp: () => Promise<{ app: App<State> } | App<State>>,
    options: ListenOptions = {},
  ): Promise<void> {
    const applySnapshot = await this.build({ mode: "development", snapshot: "memory" });
    const imported = await importApp();
    const app = "app" in imported ? imported.app : imported;
    applySnapshot(app);
    await app.listen(options);
  }
}

function toPath(path: string, base: string): string {
  return path.startsWith("file:") ? fileURLToPath(path) : resolve(base, path);
}
