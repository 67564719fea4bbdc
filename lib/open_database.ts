/** The store of a node's data directory. */
import { join } from "node:path";
import type { Config } from "./config.ts";
import type { DataDirLock } from "./data_dir_lock.ts";
import { Database } from "./db/database.ts";
import type { AlarmTimer } from "./scheduler/alarms.ts";

/** Opens the store; a directory whose store can't be opened isn't kept. */
export function openDatabase(
  config: Config,
  { report, timer, lock }: { report: (line: string) => void; timer: AlarmTimer; lock: DataDirLock },
): Database {
  try {
    return new Database(join(config.data_dir, "cis.db"), {
      now: () => timer.now(),
      onEffectError: (error) => report(`after a commit: ${String(error)}`),
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}
