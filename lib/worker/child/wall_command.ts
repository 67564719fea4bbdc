/** From a task to the command line of bubblewrap that runs it behind walls. Pure. */
import type { LaunchMeans } from "../../schema/link_frames.ts";
import type { TaskPermissions } from "../../schema/room_events.ts";
import { WALL_OPTIONS } from "../wall_options.ts";
import { hideArgs, sealArgs, withLateMounts } from "./late_mounts.ts";

/** What goes behind the walls. */
export interface WallOrder {
  readonly permissions: TaskPermissions;
  /** Absolute directory of the attempt: the task may read and write there. */
  readonly attempt: string;
  /** Further absolute paths to read, such as a program outside of the system's directories. */
  readonly read?: readonly string[];
  /** Absolute directory that the command starts in. */
  readonly cwd: string;
  /** Program and arguments. */
  readonly command: readonly string[];
}

/** One mount: a path as it is, read-only or not, or hidden. */
interface Mount {
  readonly path: string;
  readonly as: "read" | "write" | LaunchMeans["taken"][number]["as"];
}

/**
 * Program and arguments. What is deeper wins: the attempt's directory within the node's hidden data
 * is there, and hidden data within a workspace is not.
 * @throws {TypeError} when there is no bubblewrap
 */
export function wallCommand(order: WallOrder, means: LaunchMeans): string[] {
  if (means.bubblewrap === null) throw new TypeError("there is no bubblewrap to build walls with");
  const { permissions, attempt, read = [], cwd, command } = order;
  const all = permissions.write === true ? "write" : permissions.read === true ? "read" : undefined;
  const mounts: Mount[] = [
    ...listed(permissions.read, "read"),
    ...read.map((path): Mount => ({ path, as: "read" })),
    ...listed(permissions.write, "write"),
    ...means.taken.filter(({ path, as }) =>
      as !== "read_only" || isWithin(permissions.write, path)
    ),
    { path: attempt, as: "write" },
  ];
  const inOrder = byDepth(mounts);
  return withLateMounts([
    means.bubblewrap,
    ...WALL_OPTIONS,
    ...(isEmpty(permissions.net) ? [] : ["--share-net"]),
    ...(all === undefined ? [] : [all === "write" ? "--bind" : "--ro-bind", "/", "/"]),
    ...means.system,
    ...inOrder.flatMap(mountArgs),
    // A task that may not see its workspace starts in an empty directory of that name.
    "--dir",
    cwd,
    ...inOrder.flatMap(lockArgs),
    "--remount-ro",
    "/",
    "--chdir",
    cwd,
  ], command);
}

function listed(grant: true | readonly string[], as: Mount["as"]): Mount[] {
  return grant === true ? [] : grant.map((path) => ({ path, as }));
}

/** Ancestors first; of the same path the one that was named last. */
function byDepth(mounts: readonly Mount[]): Mount[] {
  const last = new Map(mounts.map((mount) => [mount.path, mount]));
  return [...last.values()].sort((a, b) => depth(a.path) - depth(b.path));
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

function mountArgs({ path, as }: Mount): string[] {
  switch (as) {
    case "read":
    case "read_only":
      return ["--ro-bind-try", path, path];
    case "write":
      return ["--bind-try", path, path];
    case "hidden_file":
      return ["--ro-bind", "/dev/null", path];
    case "hidden_directory":
      return ["--tmpfs", path];
    case "hidden":
      return hideArgs(path);
  }
}

/** What is hidden is nothing to write to either. */
function lockArgs({ path, as }: Mount): string[] {
  if (as === "hidden_directory") return ["--remount-ro", path];
  return as === "hidden" ? sealArgs(path) : [];
}

/** What nobody was given is not to be shown read-only either. */
function isWithin(grant: true | readonly string[], path: string): boolean {
  return grant === true ||
    grant.some((above) => above === "/" || `${path}/`.startsWith(`${above}/`));
}

function isEmpty(grant: true | readonly string[]): boolean {
  return grant !== true && grant.length === 0;
}
