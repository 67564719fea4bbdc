/**
 * From a scope's policy to the permission flags of its worker process: the exact list, nothing
 * implied. Pure.
 * @module
 */
import type { Grant as PolicyGrant, GrantKind, Policy } from "../schema/policy.ts";
import { absolutePolicy } from "./absolute_policy.ts";
import { grantCovers } from "./covers.ts";
import { denoFlags } from "./deno_flags.ts";
import type { Grant } from "./grant.ts";
import { isOwnGround, type OwnGround } from "./own_ground.ts";
import { SESSION_LEADER } from "./session_leader.ts";
import { SHELL } from "./task_wishes.ts";

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
  /** Absolute path of bubblewrap, which walls are built with; null where there are none. */
  readonly bubblewrap: string | null;
  /** What the node takes away in every case. */
  readonly ground: OwnGround;
  /** Address of the homeserver that its room is on, if that isn't in the node. */
  readonly homeserver?: string;
}

/**
 * The permission flags of a worker process, allows first and denies last. A path that is allowed
 * within a directory that is denied stays allowed: Deno lets the longer one decide. So whatever the
 * policy grants on the node's own ground is left out, and `true` for paths is written as `/`, since
 * a flag without a list leaves nothing to decide within what is denied.
 * @throws {TypeError} for an entry that Deno would read as something else
 */
export function permissionFlags(given: Policy, grants: ProcessGrants): string[] {
  const { workspace, temp, socket, ground, denoPath, bubblewrap, homeserver } = grants;
  /** What the processes of tasks are started, held and ended with. */
  const means = [SHELL, SESSION_LEADER, denoPath, ...(bubblewrap === null ? [] : [bubblewrap])];
  const policy = absolutePolicy(given, workspace);
  const paths = (kind: "read" | "write"): Grant => {
    const granted = allowed(kind, policy);
    const own = granted === true ? ["/", workspace] : granted;
    return [...own.filter((path) => !isOwnGround(path, ground, workspace)), temp, socket];
  };
  return [
    "--no-prompt",
    ...denoFlags("allow", {
      net: and(allowed("net", policy), [`unix:${socket}`, ...hostOf(homeserver)]),
      // Deno wants both for a connection to a socket file.
      read: paths("read"),
      write: paths("write"),
      env: allowed("env", policy),
      run: and(allowed("run", policy), means),
    }),
    ...denoFlags("deny", {
      net: and(denied("net", policy), ground.net),
      read: and(denied("read", policy), ground.paths),
      write: and(denied("write", policy), ground.paths),
      env: denied("env", policy),
      run: denied("run", policy).filter((entry) => !means.includes(entry)),
    }),
  ];
}

/** What is granted, without what is taken away again as a whole. */
function allowed(kind: GrantKind, policy: Policy): Grant {
  const granted = policy[kind];
  const taken = policy.deny[kind];
  if (granted === false || taken === true) return [];
  if (granted === true) return true;
  return granted.filter((entry) => !grantCovers(kind, taken, entry));
}

/** What is taken away from within what is granted. */
function denied(kind: GrantKind, policy: Policy): string[] {
  const taken: PolicyGrant | undefined = policy.deny[kind];
  return Array.isArray(taken) ? [...taken] : [];
}

function and(grant: Grant, more: readonly string[]): Grant {
  return grant === true ? true : [...grant, ...more];
}

/** As Deno wants it: name and port. */
function hostOf(url: string | undefined): string[] {
  if (url === undefined) return [];
  const { hostname, port, protocol } = new URL(url);
  return [`${hostname}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`];
}
