import { relative } from "node:path";
import { contentType } from "./content_type.ts";
import { walk } from "./fs_crawl.ts";
import type { Asset } from "./snapshot.ts";

/** The files of one or more folders by the path they are served at; the first folder wins. */
export class StaticDir {
  #dirs: string[];
  #fresh: boolean;
  #files: Map<string, string> | null = null;

  /** With `fresh` the folders are read anew for every lookup, for development. */
  constructor(dirs: string[], options: { fresh: boolean }) {
    this.#dirs = dirs;
    this.#fresh = options.fresh;
  }

  /** The file served at `path`, or null. */
  async asset(path: string): Promise<Asset | null> {
    if (this.#files === null || this.#fresh) this.#files = this.#read();
    const file = this.#files.get(path);
    if (file === undefined) return null;
    const info = await Deno.stat(file).catch(() => null); // deleted since the folder was read
    if (info === null) return null;
    return {
      body: async () => (await Deno.open(file)).readable,
      size: info.size,
      type: contentType(file),
      etag: `W/"${info.size.toString(36)}-${(info.mtime?.getTime() ?? 0).toString(36)}"`,
      immutable: false,
    };
  }

  #read(): Map<string, string> {
    const files = new Map<string, string>();
    for (const dir of this.#dirs) {
      for (const file of walk(dir)) {
        const path = `/${relative(dir, file).replaceAll("\\", "/")}`;
        if (!files.has(path)) files.set(path, file);
      }
    }
    return files;
  }
}
