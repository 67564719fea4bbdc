import { join } from "node:path";
import { contentType } from "./content_type.ts";
import { ISLAND_PREFIX } from "./island_url.ts";
import type { Asset } from "./snapshot.ts";

/** File name → content of the browser code of all islands. */
export type BundleFiles = Map<string, Uint8Array<ArrayBuffer>>;

interface IslandAssetsOptions {
  outDir: string;
  buildId: () => Promise<string>;
  bundle: () => Promise<BundleFiles>;
}

/** The islands' browser code: from `outDir` if it is there, else bundled on first use. */
export class IslandAssets {
  #options: IslandAssetsOptions;
  #buildId: Promise<string> | null = null;
  #files: Promise<BundleFiles> | null = null;

  constructor(options: IslandAssetsOptions) {
    this.#options = options;
  }

  buildId(): Promise<string> {
    this.#buildId ??= this.#options.buildId();
    return this.#buildId;
  }

  /** The bundle file at `path`, or null. */
  async asset(path: string): Promise<Asset | null> {
    if (!path.startsWith(ISLAND_PREFIX)) return null;
    const [id, name = ""] = path.slice(ISLAND_PREFIX.length).split("/");
    if (id !== await this.buildId()) return null;
    const content = (await this.#load()).get(name);
    if (content === undefined) return null;
    return {
      body: () => Promise.resolve(content),
      size: content.length,
      type: contentType(name),
      etag: `"${id}-${name}"`,
      immutable: true,
    };
  }

  /** Bundles now and leaves the result where later starts look for it. */
  async writeToDisk(): Promise<void> {
    const dir = await this.#dir();
    const files = await this.#options.bundle();
    await Deno.remove(join(dir, ".."), { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    // Written aside and renamed, so that a half-written build is never taken for a whole one.
    const draft = `${dir}.draft`;
    await Deno.mkdir(draft, { recursive: true });
    for (const [name, content] of files) {
      await Deno.writeFile(join(draft, name), content);
    }
    await Deno.rename(draft, dir);
    this.#files = Promise.resolve(files);
  }

  #load(): Promise<BundleFiles> {
    this.#files ??= this.#readOrBundle().catch((error) => {
      this.#files = null; // the next request tries again
      throw error;
    });
    return this.#files;
  }

  async #readOrBundle(): Promise<BundleFiles> {
    const dir = await this.#dir();
    try {
      const files: BundleFiles = new Map();
      for await (const { name } of Deno.readDir(dir)) {
        files.set(name, await Deno.readFile(join(dir, name)));
      }
      return files;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return await this.#options.bundle();
    }
  }

  async #dir(): Promise<string> {
    return join(this.#options.outDir, "static", "_fresh", "js", await this.buildId());
  }
}
