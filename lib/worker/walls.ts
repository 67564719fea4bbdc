/** Whether this machine can put shell tasks behind walls: bubblewrap, tried out once. */
import { runProbe } from "./spawn.ts";
import { systemMounts } from "./system_mounts.ts";
import { WALL_OPTIONS } from "./wall_options.ts";

/** Whether there are walls. */
export interface MachineWalls {
  /** Absolute path of bubblewrap; null where it can't be used. */
  readonly bubblewrap: string | null;
  /** Why it can't be used, and what to do; null where it can. */
  readonly reason: string | null;
}

/** What was found. */
export interface Walls extends MachineWalls {
  /** Arguments that make up the read-only system behind walls. */
  readonly system: readonly string[];
}

const PLACES = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"];
const PROBE_MS = 5_000;

/** Says that there are no walls. */
export function noWalls(reason: string): Walls {
  return { bubblewrap: null, reason, system: [] };
}

/** Looks for bubblewrap and runs a command in it. */
export async function detectWalls(places: readonly string[] = PLACES): Promise<Walls> {
  if (Deno.build.os !== "linux") return noWalls("bubblewrap needs Linux");
  const path = places.find(isFile);
  if (path === undefined) {
    return noWalls("bubblewrap is not installed; install the package bubblewrap");
  }
  const system = systemMounts();
  const tried = await runProbe(
    path,
    [...WALL_OPTIONS, ...system, "true"],
    PROBE_MS,
  );
  if (tried.success) return { bubblewrap: path, reason: null, system };
  const said = tried.stderr.trim().split("\n")[0] ?? "";
  return noWalls(
    `${path} is there but doesn't work (${said || "it ended without a word"}); ` +
      "it needs user namespaces: see kernel.unprivileged_userns_clone and AppArmor's restrictions",
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there.
    return false;
  }
}
