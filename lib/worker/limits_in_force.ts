/** Which walls and limits a machine has, in words. Pure. */
import type { HeldLimit } from "../schema/machine_view.ts";
import type { Cgroups, Controller } from "./cgroups.ts";
import type { Walls } from "./walls.ts";

/** What was found on the machine. */
export interface FoundMeans {
  readonly walls: Walls;
  readonly cgroups: Cgroups | undefined;
}

const HOW_TO_DELEGATE =
  "control groups are not open to the node; start it with `systemd-run --user --scope -p Delegate=yes " +
  "deno task start`, or as a systemd service with Delegate=yes";

/** How everything that can be limited is held. */
export function limitsInForce({ walls, cgroups }: FoundMeans): HeldLimit[] {
  const groups = (controller: Controller): string | null =>
    cgroups?.roots[controller] === undefined ? null : `cgroup v${cgroups.version}`;
  const isWalled = walls.bubblewrap !== null;
  return [
    held("walls", walls.bubblewrap, { note: walls.reason }),
    groups("memory") === null
      ? held("memory", "a look at resident memory 5 times a second, and V8's heap limit", {
        exact: false,
        note: HOW_TO_DELEGATE,
      })
      : held("memory", groups("memory")),
    held("cpu", groups("cpu"), { note: groups("cpu") === null ? HOW_TO_DELEGATE : null }),
    groups("pids") === null && isWalled
      ? held("pids", "rlimit within the walls", { note: "not for root, and not without walls" })
      : held("pids", groups("pids"), { note: groups("pids") === null ? HOW_TO_DELEGATE : null }),
    held("wall_clock", "the worker"),
    held("output", "the worker"),
    held("file_size", "rlimit"),
    held("disk", "a look at the size of the workspace every second", {
      exact: false,
      note: "a task may write more until the next look",
    }),
    held("open_tasks", "the node"),
  ];
}

function held(
  what: HeldLimit["what"],
  by: string | null,
  { exact = by !== null, note = null }: { exact?: boolean; note?: string | null } = {},
): HeldLimit {
  return { what, by, exact, note };
}
