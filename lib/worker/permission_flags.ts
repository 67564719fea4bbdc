/**
 * From a worker's policy to the permission flags of its process: the exact list, nothing implied.
 * Pure.
 * @module
 */
import { denoFlags } from "./deno_flags.ts";
import { type Grant, resolvePaths, type WorkerPolicy } from "./policy.ts";
import { SESSION_LEADER } from "./session_leader.ts";

/** What a worker process needs for itself, whatever its policy says. */
export interface ProcessGrants {
  /** Absolute path of the node's socket file. */
  readonly socket: string;
  /** Absolute directory where the scope's tasks work; relative paths of a policy start here. */
  readonly workspace: string;
  /** Absolute directory for what tasks and worker put aside. */
  readonly temp: string;
  /** Absolute path of the Deno executable, which `deno` tasks run in. */
  readonly denoPath: string;
}

/**
 * The permission flags of a worker process, allows first and denies last.
 * @throws {TypeError} for an entry that Deno would read as something else
 */
export function permissionFlags(policy: WorkerPolicy, grants: ProcessGrants): string[] {
  const { workspace, temp, socket } = grants;
  const own = resolvePaths(policy, workspace);
  return [
    "--no-prompt",
    ...denoFlags("allow", {
      ...own,
      net: and(own.net, [`unix:${socket}`]),
      // Deno wants both for a connection to a socket file.
      read: and(own.read, [temp, socket]),
      write: and(own.write, [temp, socket]),
      run: and(own.run, [
        ...(own.run !== true && own.run?.includes("/bin/sh") ? [SESSION_LEADER] : []),
        grants.denoPath,
      ]),
    }),
    ...denoFlags("deny", resolvePaths(policy.deny ?? {}, workspace)),
  ];
}

function and(grant: Grant | undefined, more: readonly string[]): Grant {
  return grant === true ? true : [...grant ?? [], ...more];
}
