import type { FsFile } from "./fs_routes.ts";
import type { IslandRegistry } from "./island_registry.ts";

/** A file that can be sent to a browser. */
export interface Asset {
  body(): Promise<
    ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>
  >;
  size: number;
  type: string;
  etag: string;
  /** Its address changes with its content. */
  immutable: boolean;
}

/** What a Builder found in a project; `applySnapshot(app)` gives it to an app. */
export interface Snapshot {
  root: string;
  mode: "development" | "production";
  files: FsFile[];
  islands: IslandRegistry;
  /** Changes whenever a source or static file does. */
  buildId(): Promise<string>;
  /** The asset at a decoded path such as `/styles.css`, or null. */
  asset(path: string): Promise<Asset | null>;
}
