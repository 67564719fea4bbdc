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
  #isLooking = false;
  /** Whether tasks have started during a look that may have missed them. */
  #isWoken = false;
  #isResting = true;

  constructor(parts: DiskWatchParts) {
    this.#parts = parts;
  }

  /** Looks from now on, until no tasks run any more. */
  wake(): void {
    this.#isResting = false;
    if (this.#isLooking) this.#isWoken = true;
    else this.#timer ??= setTimeout(() => void this.#tick(), INTERVAL_MS);
  }

  /** Looks no more, until it is woken again. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isResting = true;
  }

  /** Looks once at every workspace in use. @returns whether there was one */
  async runOnce(): Promise<boolean> {
    const disks = this.#parts.disks();
    for (const { workerId, directories, limit } of disks) {
      const bytes = await sizeOf(directories, limit);
      if (bytes <= limit) continue;
      const mib = (limit / 1024 ** 2).toFixed(0);
      this.#parts.end(workerId, `was ended since the workspace has grown over ${mib} MiB`);
    }
    return disks.length > 0;
  }

  async #tick(): Promise<void> {
    this.#timer = undefined;
    this.#isLooking = true;
    this.#isWoken = false;
    const begun = performance.now();
    // Nothing is lost by a look that failed: the next one comes.
    const isInUse = await this.runOnce().catch(() => true);
    this.#isLooking = false;
    if (this.#isResting || !(isInUse || this.#isWoken)) return;
    const wait = Math.max(INTERVAL_MS, (performance.now() - begun) / SHARE);
    this.#timer ??= setTimeout(() => void this.#tick(), wait);
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
