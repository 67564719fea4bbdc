/**
 * What a worker leaves when it is killed: processes of its tasks that it had not told its reaper of
 * yet, or that got away from their group, and temporary files. A process is known by its environment
 * (`/proc/<pid>/environ`), which names the directory of that one life of the worker; where the
 * system doesn't show that, nothing is found.
 */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { signalProcess } from "./spawn.ts";

/** One life of a worker. */
export interface Life {
  /** Absolute directory of the temporary files of all workers. */
  readonly temp: string;
  readonly workerId: string;
  readonly instance: string;
}

/** Processes that are looked at before others get their turn. */
const AT_ONCE = 100;
/** What is found may have started more meanwhile. */
const MAX_ROUNDS = 5;

/** Kills and removes what a life of a worker has left. Never throws: there may be nothing to do. */
export async function removeLeftovers({ temp, workerId, instance }: Life): Promise<void> {
  if (instance === "") return;
  const directory = join(temp, workerId, instance);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (await killThose(directory) === 0) break;
  }
  try {
    await Deno.remove(directory, { recursive: true });
  } catch {
    // The worker has removed it itself, or never made it.
  }
}

/** @returns how many there were */
async function killThose(directory: string): Promise<number> {
  let found = 0;
  let looked = 0;
  for (const pid of processIds()) {
    if (++looked % AT_ONCE === 0) await setImmediate();
    if (pid === Deno.pid || !names(pid, directory)) continue;
    found++;
    signalProcess(pid, "SIGKILL");
  }
  return found;
}

function processIds(): number[] {
  try {
    return Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name)).filter(
      Number.isInteger,
    );
  } catch {
    // No /proc on this system.
    return [];
  }
}

function names(pid: number, directory: string): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`).includes(`=${directory}/`);
  } catch {
    // It has ended, or belongs to somebody else.
    return false;
  }
}
