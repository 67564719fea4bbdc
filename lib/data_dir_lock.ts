/** One node for a data directory: held by a lock of the kernel, which ends with the process. */
import { join } from "node:path";

const FILE = "node.lock";

/** Another node has the directory. */
export class DataDirInUseError extends Error {
  override readonly name = "DataDirInUseError";
}

export class DataDirLock implements Disposable {
  readonly #file: Deno.FsFile;

  /**
   * Takes the directory. What a killed node left doesn't stand in the way: the lock is not the
   * file but the kernel's, which gives it up with the process, however that ends. The file only
   * says who has it.
   * @throws {DataDirInUseError} while another node has it; Deno's errors for an unusable directory
   */
  constructor(dir: string) {
    const path = join(dir, FILE);
    this.#file = Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
    if (this.#file.tryLockSync(true)) {
      this.#file.truncateSync();
      this.#file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
      return;
    }
    this.#file.close();
    throw new DataDirInUseError(
      `the data directory ${dir} is in use by another node${processIn(path)}; ` +
        "stop that one, or name another directory with --data-dir",
    );
  }

  /** Gives the directory back. The file stays: removing it would open a gap between two nodes. */
  release(): void {
    // Closing is not enough: a child that is just being started holds what its parent has open.
    this.#file.unlockSync();
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Who has the lock, in words; nothing where that isn't known. */
function processIn(path: string): string {
  try {
    const pid = Number(Deno.readTextFileSync(path));
    return Number.isInteger(pid) && pid > 0 ? `, process ${pid}` : "";
  } catch {
    // Only the name is missing then; the refusal stands.
    return "";
  }
}
