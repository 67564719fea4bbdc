/**
 * What a node takes away from every task, whatever a policy grants: its own address, its data, and
 * the workspaces of other scopes. Pure.
 */
import { isWithin } from "./path_containment.ts";

/** What no task of a scope may touch. */
export interface OwnGround {
  /** The node's own address in its forms. */
  readonly net: readonly string[];
  /** Absolute directories. */
  readonly paths: readonly string[];
}

/** What decides it. */
export interface GroundSettings {
  /** Names and addresses that the node listens on, and its public address: hosts with their ports. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Absolute paths of the data directory, as given and without symbolic links. */
  readonly dataDirs: readonly string[];
  /** Absolute directories of all scopes that have one of their own, in both forms. */
  readonly workspaces: readonly string[];
}

/** Hosts by which a machine reaches itself. `127.0.0.0/8` holds for names that resolve to it, too. */
const LOOPBACK = ["127.0.0.0/8", "localhost", "[::1]", "0.0.0.0", "[::]"];

/** What is taken away from the tasks that work in a directory. */
export function ownGround(settings: GroundSettings, workspace: string): OwnGround {
  const net = settings.addresses.flatMap(({ host, port }) => [
    ...LOOPBACK.map((name) => `${name}:${port}`),
    `${host}:${port}`,
  ]);
  const paths = [...settings.dataDirs, ...settings.workspaces];
  return {
    net: [...new Set(net)],
    // The same directory given to two scopes is shared by them: somebody has written that down.
    paths: [...new Set(paths)].filter((path) => path !== workspace).sort(),
  };
}

/**
 * Whether a path is on the node's ground. A workspace within it is not, and what of the node is
 * within the workspace is: the nearer directory decides, as it does in Deno's permissions.
 */
export function isOwnGround(path: string, ground: OwnGround, workspace: string): boolean {
  return ground.paths.some((taken) =>
    isWithin(path, taken) && !(isWithin(workspace, taken) && isWithin(path, workspace))
  );
}
