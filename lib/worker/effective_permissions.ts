/** What a task may touch: its own wishes as far as its scope's policy goes. Pure. */
import type { TaskSpec } from "../schema/dag_spec.ts";
import type { Grant, GrantKind, Policy } from "../schema/policy.ts";
import type { TaskPermissions } from "../schema/room_events.ts";
import { absolutePolicy } from "./absolute_policy.ts";
import { entryCovers, grantCovers } from "./covers.ts";
import { isOwnGround, type OwnGround } from "./own_ground.ts";
import { isWithin } from "./path_containment.ts";
import { SHELL, type TaskWishes, taskWishes } from "./task_wishes.ts";

/** What holds for the scope of a task. */
export interface ScopeGround {
  readonly policy: Policy;
  /** Absolute directory where the scope's tasks work. */
  readonly workspace: string;
  /** What the node takes away in every case. */
  readonly ground: OwnGround;
}

/** Something that a task asks for and does not get. */
export interface Missing {
  readonly kind: GrantKind;
  readonly entry: string;
  /** Whom or what it is that stands in the way, as the end of a sentence. */
  readonly why: string;
}

/** What a task gets, and what of its wishes it does not. */
export interface EffectivePermissions {
  readonly permissions: TaskPermissions;
  readonly missing: readonly Missing[];
}

/** Narrows what a task asks for to what the policy of its scope allows. */
export function effectivePermissions(task: TaskSpec, scope: ScopeGround): EffectivePermissions {
  const wishes = taskWishes(task, scope.workspace);
  const context = { ...scope, policy: absolutePolicy(scope.policy, scope.workspace) };
  const missing: Missing[] = [];
  const list = (kind: GrantKind, entries: readonly string[]): string[] =>
    entries.filter((entry) => {
      const why = whyNot(kind, entry, context);
      if (why !== undefined) missing.push({ kind, entry, why });
      return why === undefined;
    });
  const permissions = {
    net: task.type === "shell" ? shellNet(wishes, context, missing) : list("net", wishes.net),
    read: withWorkspace("read", list("read", wishes.read), context),
    write: withWorkspace("write", list("write", wishes.write), context),
    env: wishes.env === true ? usualEnv(context.policy) : list("env", wishes.env),
    run: task.type === "shell" ? shellRun(wishes, list) : list("run", wishes.run),
  };
  const deny = denialsWithin(permissions, context);
  return { permissions: deny === undefined ? permissions : { ...permissions, deny }, missing };
}

/** Why something is missing that the policy grants and then takes away again. */
export const TAKEN_AWAY = "the policy takes it away";

/** Why an entry is not granted, or undefined when it is. */
function whyNot(
  kind: GrantKind,
  entry: string,
  { policy, workspace, ground }: ScopeGround,
): string | undefined {
  const isPath = kind === "read" || kind === "write";
  if (isPath && isOwnGround(entry, ground, workspace)) {
    return "it belongs to the node or to another scope, and no policy can grant that";
  }
  if (kind === "net" && grantCovers("net", [...ground.net], entry)) {
    return "it is the node's own address, and no policy can grant that";
  }
  if (grantCovers(kind, policy.deny[kind], entry)) return TAKEN_AWAY;
  if (!grantCovers(kind, policy[kind], entry)) return "the policy does not grant it";
  return undefined;
}

/**
 * Whoever is granted a directory above the node's data is granted the workspace in them: it is named,
 * since what is taken away would else take it along.
 */
function withWorkspace(
  kind: "read" | "write",
  granted: readonly string[],
  context: ScopeGround,
): string[] {
  const { workspace, ground } = context;
  const isAbove = granted.some((path) => isWithin(workspace, path)) &&
    ground.paths.some((taken) => isWithin(workspace, taken));
  if (!isAbove || granted.includes(workspace)) return [...granted];
  return whyNot(kind, workspace, context) === undefined ? [...granted, workspace] : [...granted];
}

/** A shell starts whatever the system has; what holds it is its walls, not a list of programs. */
function shellRun(
  { run }: TaskWishes,
  list: (kind: "run", entries: readonly string[]) => string[],
): string[] {
  const [shell] = list("run", [SHELL]);
  return shell === undefined ? [] : [...run];
}

/** Walls give a shell the whole network or none of it. */
function shellNet(
  { net }: TaskWishes,
  { policy }: ScopeGround,
  missing: Missing[],
): TaskPermissions["net"] {
  if (net.length === 0) return [];
  if (policy.net === true && policy.deny.net !== true) return true;
  const why = "a shell task can't be held to single hosts, so the policy has to grant the whole " +
    "network (true)";
  missing.push(...net.map((entry) => ({ kind: "net" as const, entry, why })));
  return [];
}

function usualEnv({ env, deny }: Policy): TaskPermissions["env"] {
  if (env === false || deny.env === true) return [];
  if (env !== true) return env.filter((name) => !grantCovers("env", deny.env, name));
  return true;
}

/** What is taken away again from within what was granted. */
function denialsWithin(
  permissions: TaskPermissions,
  { policy, ground }: ScopeGround,
): TaskPermissions["deny"] {
  const within = (kind: "net" | "read" | "write" | "env", taken: readonly string[]): string[] => {
    const granted = permissions[kind];
    return [...taken, ...entriesOf(policy.deny[kind])].filter((entry) =>
      granted === true || granted.some((wide) => entryCovers(kind, wide, entry))
    );
  };
  const deny = {
    net: within("net", ground.net),
    read: within("read", ground.paths),
    write: within("write", ground.paths),
    env: within("env", []),
  };
  return Object.values(deny).every((list) => list.length === 0) ? undefined : deny;
}

function entriesOf(grant: Grant | undefined): readonly string[] {
  return Array.isArray(grant) ? grant : [];
}
