/**
 * The size of workspaces: added up while tasks run in them; those tasks end when it is over its
 * limit. A single file is held to the limit by the machine itself (RLIMIT_FSIZE).
 */
import { join } from "node:path";

/** A workspace in which tasks run. */
export interface WatchedDisk {
  readonly workerId: string;
  /** Absolute directories that count together: the workspace and the worker's temporary files. */
  readonly directories: readonly string[];
  /** Bytes. */
  readonly limit: number;
}

/** What the watch works with. */
export interface DiskWatchParts {
  /** Workspaces in which tasks run now. */
  readonly disks: () => readonly WatchedDisk[];
  /** Ends what runs on a worker. */
  readonly end: (workerId: string, reason: string) => void;
}

const INTERVAL_MS = 1_000;
/** A look may take this share of the time; then looks are rarer. */
const SHARE = 0.1;

export class DiskWatch {
  readonly #parts: DiskWatchParts;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = true;

  constructor(parts: DiskWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#isStopped = false;
    this.#plan(INTERVAL_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Looks once at every workspace in use. */
  async runOnce(): Promise<void> {
    for (const { workerId, directories, limit } of this.#parts.disks()) {
      const bytes = await sizeOf(directories, limit);
      if (bytes <= limit) continue;
      const mib = (limit / 1024 ** 2).toFixed(0);
      this.#parts.end(workerId, `was ended since the workspace has grown over ${mib} MiB`);
    }
  }

  #plan(ms: number): void {
    this.#timer = setTimeout(() => {
      const begun = performance.now();
      // Nothing is lost by a look that failed: the next one comes.
      void this.runOnce().catch(() => {}).then(() => {
        const took = performance.now() - begun;
        if (!this.#isStopped) this.#plan(Math.max(INTERVAL_MS, took / SHARE));
      });
    }, ms);
  }
}

/** Bytes of all files below directories; stops counting once there are more than `enough`. */
export async function sizeOf(directories: readonly string[], enough: number): Promise<number> {
  let bytes = 0;
  const left = [...directories];
  for (let at = left.pop(); at !== undefined && bytes <= enough; at = left.pop()) {
    try {
      for await (const entry of Deno.readDir(at)) {
        const path = join(at, entry.name);
        if (entry.isDirectory) left.push(path);
        else if (entry.isFile) bytes += diskBytes(await Deno.lstat(path));
      }
    } catch {
      // Removed meanwhile.
    }
  }
  return bytes;
}

/** What a file takes: one with holes takes less than its size. */
function diskBytes({ blocks, size }: Deno.FileInfo): number {
  return blocks === null ? size : Math.min(size, blocks * 512);
}
