/** Whether this machine can put programs behind walls of the operating system. */

/** What was found. */
export interface MachineWalls {
  /** Absolute path of bubblewrap; null where it can't be used. */
  readonly bubblewrap: string | null;
  /** Why it can't be used, and what to do; null where it can. */
  readonly reason: string | null;
}

const BUBBLEWRAP = "/usr/bin/bwrap";

/** Looks whether bubblewrap is installed. */
export function findWalls(path: string = BUBBLEWRAP): MachineWalls {
  try {
    if (Deno.statSync(path).isFile) return { bubblewrap: path, reason: null };
  } catch {
    // Not there, which is an answer.
  }
  return {
    bubblewrap: null,
    reason: `${path} is not there; install the package bubblewrap`,
  };
}
