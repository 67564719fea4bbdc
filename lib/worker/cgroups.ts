/**
 * Control groups: how the machine holds tasks to limits on memory, CPU and number of processes.
 * Version 2 where the node's own group is delegated to it, version 1 where it is writable; where
 * neither is, other means step in (see limits_in_force.ts).
 *
 * One group for each slot of a worker below one for the worker, below one for the node:
 * `cis-<data directory>/<worker>/slot-3`. A task joins the groups of its slot before it begins; the
 * keeper (child/keeper.ts) sets the limits of the attempt, and reads what it used, in there.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { LaunchMeans } from "../schema/link_frames.ts";
import type { ScopeLimits } from "./scope_limits.ts";
import { ancestorsOf, leadsTerminal } from "./process_identity.ts";
import { signalProcess } from "./spawn.ts";

/** Controllers that are used. */
export const CONTROLLERS = ["memory", "cpu", "pids"] as const;
export type Controller = (typeof CONTROLLERS)[number];

/** The groups of a node. */
export interface Cgroups {
  readonly version: 1 | 2;
  /** The node's group of each controller that can be used. */
  readonly roots: Readonly<Partial<Record<Controller, string>>>;
}

/** A slot has a process in it that starts those of tasks (child/launcher.ts). */
const LAUNCHER = 1;

/** The period over which a share of the CPU is counted, in microseconds. */
const CPU_PERIOD = 100_000;

/**
 * Finds out what can be used, and makes the node's groups.
 * @param dataDir absolute; two nodes never share groups
 * @param self where the kernel tells of this process's groups
 * @returns undefined where there are no control groups that this process may make
 */
export function openCgroups(dataDir: string, self: string = "/proc/self"): Cgroups | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const name = `cis-${createHash("sha256").update(dataDir).digest("hex").slice(0, 12)}`;
  try {
    const own = ownGroups(self);
    return openVersion2(own, name) ?? openVersion1(own, name);
  } catch {
    // Without /proc or with one of another form there is nothing to work with.
    return undefined;
  }
}

/** Paths of this process's groups: by controller, and "" for version 2. */
function ownGroups(self: string): Map<string, string> {
  const groups = new Map<string, string>();
  const mounts = cgroupMounts(self);
  for (const line of Deno.readTextFileSync(join(self, "cgroup")).split("\n")) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names === undefined || path === undefined) continue;
    for (const name of names.split(",")) {
      const mount = mounts.get(name);
      if (mount !== undefined) groups.set(name, join(mount, path));
    }
  }
  return groups;
}

/** Where the hierarchies are mounted: by controller, and "" for version 2. */
function cgroupMounts(self: string): Map<string, string> {
  const mounts = new Map<string, string>();
  for (const line of Deno.readTextFileSync(join(self, "mountinfo")).split("\n")) {
    const [before, after] = line.split(" - ");
    const point = before?.split(" ")[4];
    const [type, , options] = after?.split(" ") ?? [];
    if (point === undefined) continue;
    if (type === "cgroup2") mounts.set("", point);
    if (type !== "cgroup") continue;
    for (const option of options?.split(",") ?? []) mounts.set(option, point);
  }
  return mounts;
}

/** The node's own group has to be free of processes before its children can be limited. */
function openVersion2(own: ReadonlyMap<string, string>, name: string): Cgroups | undefined {
  const base = own.get("");
  if (base === undefined) return undefined;
  // A node that was started again by its service is in the group that it moved itself to.
  const parent = base.endsWith("/cis-node") ? dirname(base) : base;
  try {
    const offered = readWords(join(parent, "cgroup.controllers"));
    const usable = CONTROLLERS.filter((controller) => offered.includes(controller));
    if (!usable.includes("memory")) return undefined;
    const leaf = join(parent, "cis-node");
    const moving = base === leaf ? [] : whoHasStartedIt(parent);
    Deno.mkdirSync(leaf, { recursive: true });
    for (const pid of [...moving, Deno.pid]) {
      Deno.writeTextFileSync(join(leaf, "cgroup.procs"), String(pid));
    }
    enable(parent, usable);
    const root = join(parent, name);
    Deno.mkdirSync(root, { recursive: true });
    enable(root, usable);
    return { version: 2, roots: Object.fromEntries(usable.map((one) => [one, root])) };
  } catch {
    // Not delegated to this user, or shared with processes that are not the node's.
    return undefined;
  }
}

/**
 * What else is in the node's group, where that is only what has started the node, such as `deno task`.
 * @throws {Error} when somebody else is in there: another program, or a shell that is typed into
 */
function whoHasStartedIt(group: string): number[] {
  const others = readWords(join(group, "cgroup.procs")).map(Number).filter((pid) =>
    pid !== Deno.pid
  );
  const ancestors = ancestorsOf(Deno.pid);
  const stranger = others.find((pid) => !ancestors.includes(pid) || leadsTerminal(pid));
  if (stranger !== undefined) throw new Error(`process ${stranger} is in ${group}, too`);
  return others;
}

function enable(group: string, controllers: readonly Controller[]): void {
  const words = controllers.map((name) => `+${name}`).join(" ");
  Deno.writeTextFileSync(join(group, "cgroup.subtree_control"), words);
}

function openVersion1(own: ReadonlyMap<string, string>, name: string): Cgroups | undefined {
  const roots: Partial<Record<Controller, string>> = {};
  for (const controller of CONTROLLERS) {
    const base = own.get(controller);
    if (base === undefined) continue;
    const root = join(base, name);
    try {
      Deno.mkdirSync(root, { recursive: true });
      // A directory that can be made and not written to would be of no use.
      Deno.writeTextFileSync(join(root, "notify_on_release"), "0");
      roots[controller] = root;
    } catch {
      // This controller is somebody else's.
    }
  }
  return Object.keys(roots).length === 0 ? undefined : { version: 1, roots };
}

/** The groups of each slot of a worker, as the worker is told of them. They need not be there yet. */
export function slotGroups(
  cgroups: Cgroups,
  worker: { readonly name: string; readonly slots: number },
): NonNullable<LaunchMeans["groups"]> {
  return Array.from({ length: worker.slots }, (_, slot) => {
    const group = (controller: Controller): string | null => {
      const root = cgroups.roots[controller];
      return root === undefined ? null : join(root, worker.name, `slot-${slot}`);
    };
    const groups = CONTROLLERS.map(group).filter((path) => path !== null);
    return {
      join: [...new Set(groups)],
      memory: group("memory"),
      cpu: group("cpu"),
      version: cgroups.version,
    };
  });
}

/**
 * Makes the groups of a worker; what an earlier life of it left in them is killed.
 * @throws Deno's errors when the machine refuses a limit
 */
export function makeWorkerGroups(
  cgroups: Cgroups,
  worker: { readonly name: string; readonly slots: number; readonly limits: ScopeLimits },
): void {
  for (const [controller, root] of rootsOf(cgroups)) {
    const group = join(root, worker.name);
    Deno.mkdirSync(group, { recursive: true });
    for (const slot of childrenOf(group)) killAll(join(group, slot));
    if (cgroups.version === 2) enable(group, Object.keys(cgroups.roots) as Controller[]);
    limit(group, controller, { version: cgroups.version, limits: worker.limits });
    for (let slot = 0; slot < worker.slots; slot++) {
      const path = join(group, `slot-${slot}`);
      Deno.mkdirSync(path, { recursive: true });
      // For each task alone: one that forks without end must not take its neighbours' processes.
      if (controller !== "pids") continue;
      Deno.writeTextFileSync(join(path, "pids.max"), String(worker.limits.pids + LAUNCHER));
    }
  }
}

/** Kills what is left in the groups of a worker. */
export function killInWorkerGroups(cgroups: Cgroups, name: string): void {
  for (const root of new Set(Object.values(cgroups.roots))) {
    const group = join(root, name);
    for (const slot of childrenOf(group)) killAll(join(group, slot));
  }
}

/** Removes the groups of all workers but these, with all that is left in them. */
export async function sweepWorkerGroups(
  cgroups: Cgroups,
  keep: ReadonlySet<string>,
): Promise<void> {
  for (const root of new Set(Object.values(cgroups.roots))) {
    for (const name of childrenOf(root)) if (!keep.has(name)) await removeTree(join(root, name));
  }
}

/** Removes the node's groups with all that is left in them. */
export async function closeCgroups(cgroups: Cgroups): Promise<void> {
  for (const root of new Set(Object.values(cgroups.roots))) await removeTree(root);
}

/** How often a group is tried to be removed while its last processes die, and how long between. */
const REMOVE_TRIES = 100;
const REMOVE_WAIT_MS = 5;

async function removeTree(group: string): Promise<void> {
  for (const child of childrenOf(group)) await removeTree(join(group, child));
  for (let tries = 0; tries < REMOVE_TRIES; tries++) {
    killAll(group);
    try {
      return Deno.removeSync(group);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      // A process that was killed is in its group until it is gone.
      await new Promise((resolve) => setTimeout(resolve, REMOVE_WAIT_MS));
    }
  }
}

/** Names of the groups in a group; none when it is not there. */
function childrenOf(group: string): string[] {
  try {
    return [...Deno.readDirSync(group)].filter((entry) => entry.isDirectory).map(({ name }) =>
      name
    );
  } catch {
    // It was never made.
    return [];
  }
}

function killAll(group: string): void {
  let pids: string[];
  try {
    pids = readWords(join(group, "cgroup.procs"));
  } catch {
    // The group is gone.
    return;
  }
  for (const pid of pids) signalProcess(Number(pid), "SIGKILL");
}

function limit(
  group: string,
  controller: Controller,
  { version, limits }: { version: 1 | 2; limits: ScopeLimits },
): void {
  const write = (file: string, value: string): void =>
    Deno.writeTextFileSync(join(group, file), value);
  const { memory, cpu } = limits;
  if (controller === "cpu" && cpu !== null) {
    const quota = String(Math.max(1_000, Math.round(cpu * CPU_PERIOD)));
    if (version === 2) write("cpu.max", `${quota} ${CPU_PERIOD}`);
    else {
      write("cpu.cfs_period_us", String(CPU_PERIOD));
      write("cpu.cfs_quota_us", quota);
    }
  }
  if (controller !== "memory") return;
  if (version === 2) write("memory.max", String(memory));
  else write("memory.limit_in_bytes", String(memory));
  try {
    // Where the kernel counts swap: none of it, so that the limit is one.
    if (version === 2) write("memory.swap.max", "0");
    else write("memory.memsw.limit_in_bytes", String(memory));
  } catch {
    // It doesn't count swap.
  }
}

function rootsOf(cgroups: Cgroups): [Controller, string][] {
  return Object.entries(cgroups.roots) as [Controller, string][];
}

function readWords(path: string): string[] {
  return Deno.readTextFileSync(path).split(/\s+/).filter((word) => word !== "");
}
