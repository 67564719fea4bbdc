/**
 * What the worker of a scope may touch, and the words in which the person who decides is told.
 * Pure: a policy is data, {@linkcode permissionFlags} makes flags of it.
 * @module
 */
import { resolve } from "node:path";
import type { PermissionsView } from "../schema/api.ts";
import type { DagSpec, TaskSpec } from "../schema/dag_spec.ts";
import { listFew } from "../schema/quote.ts";
import { scopeKey } from "../schema/scope.ts";

/** What is granted of one kind: a list, or true for all there is. */
export type Grant = true | readonly string[];

/** Grants by kind. What is left out is not granted. */
export interface GrantLists {
  /** `host` or `host:port`. */
  readonly net?: Grant;
  /** Paths, absolute or from the workspace. */
  readonly read?: Grant;
  readonly write?: Grant;
  /** Names of environment variables. */
  readonly env?: Grant;
  /** Programs. */
  readonly run?: Grant;
  readonly sys?: Grant;
  readonly ffi?: Grant;
  /** Hosts that code may be imported from. */
  readonly import?: Grant;
}

/** What a worker may touch. */
export interface WorkerPolicy extends GrantLists {
  /** What its `deno` tasks get: each runs in a process of its own with these and no more. */
  readonly denoTasks: GrantLists;
  /** Taken away again from what was granted to the worker. */
  readonly deny?: GrantLists;
}

/** Variables of the node's environment that tasks get, where they are set. */
export const TASK_ENV_NAMES: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TERM",
  "DENO_DIR",
  "XDG_CACHE_HOME",
];

/**
 * The policy where nobody set another.
 *
 * - `net: true`: http tasks are carried out by the worker itself, and which hosts they ask is in
 *   the DAG that a person confirms. `deno` tasks reach nothing.
 * - `run: ["/bin/sh"]` is the end of Deno's sandbox for shell tasks: a command can do what this
 *   user can. Whoever wants no such commands takes `/bin/sh` out; shell tasks then fail.
 */
export const DEFAULT_POLICY: WorkerPolicy = {
  net: true,
  read: ["."],
  write: ["."],
  env: TASK_ENV_NAMES,
  run: ["/bin/sh"],
  denoTasks: { net: [], read: ["."], write: ["."], env: [], run: [] },
};

/** The lists with absolute paths. An empty path stays, to be refused where flags are made. */
export function resolvePaths(lists: GrantLists, workspace: string): GrantLists {
  const absolute = (grant: Grant | undefined): Grant | undefined =>
    grant === undefined || grant === true
      ? grant
      : grant.map((path) => path.trim() === "" ? path : resolve(workspace, path));
  return { ...lists, read: absolute(lists.read), write: absolute(lists.write) };
}

/** The parts of a DAG that decide what it touches. */
export interface TouchingSpec {
  readonly scope: DagSpec["scope"];
  readonly tasks: readonly TaskSpec[];
}

type TaskOf<T extends TaskSpec["type"]> = Extract<TaskSpec, { type: T }>;

/** What the tasks of a DAG may touch under a policy: one plain sentence each, and as data. */
export function describePermissions(
  spec: TouchingSpec,
  policy: WorkerPolicy,
  { workspace }: { readonly workspace: string },
): PermissionsView {
  const shell = spec.tasks.filter((task) => task.type === "shell");
  const deno = spec.tasks.filter((task) => task.type === "deno");
  const http = spec.tasks.filter((task) => task.type === "http");
  const lists = resolvePaths(policy.denoTasks, workspace);
  const place = `the workspace of ${scopeWords(spec.scope)} (${workspace})`;
  const words = (grant: Grant | undefined): string => grantWords(grant, { [workspace]: place });
  const runsShell = shell.length > 0 && allowsShell(policy);
  const works = runsShell || deno.length > 0;
  const hosts = [...new Set(http.map(hostOf))];
  return {
    summary: [
      ...shellSentences(shell, policy),
      ...(runsShell ? [`starts commands in: ${place}`] : []),
      ...(deno.length === 0 ? [] : [
        `runs: ${count(deno, "deno task")} (${names(deno)}), each walled in by Deno`,
        `deno tasks may read: ${words(lists.read)}`,
        `deno tasks may write: ${words(lists.write)}`,
        `deno tasks may reach: ${words(lists.net)}`,
        ...(isEmpty(lists.run) ? [] : [`deno tasks may run: ${words(lists.run)}, not walled in`]),
      ]),
      ...hosts.map((host) => reachSentence(host, { http, policy })),
    ],
    net: [
      ...new Set([
        ...hosts.filter((host) => allowsHost(policy, host)),
        ...(deno.length > 0 ? asList(lists.net) : []),
      ]),
    ],
    read: runsShell ? [workspace] : deno.length > 0 ? asList(lists.read) : [],
    write: runsShell ? [workspace] : deno.length > 0 ? asList(lists.write) : [],
    env: works ? asList(policy.env) : [],
    run: [...(runsShell ? ["/bin/sh"] : []), ...(deno.length > 0 ? asList(lists.run) : [])],
    isolation: "none",
  };
}

function shellSentences(shell: readonly TaskOf<"shell">[], policy: WorkerPolicy): string[] {
  if (shell.length === 0) return [];
  if (!allowsShell(policy)) {
    return [`may not run: /bin/sh; the policy refuses it, so ${names(shell)} will fail`];
  }
  return [
    `runs: /bin/sh (${names(shell)}) — commands run with this user's rights, not walled in: ` +
    "they may read, write and reach whatever this user can",
  ];
}

function reachSentence(
  host: string,
  { http, policy }: { http: readonly TaskOf<"http">[]; policy: WorkerPolicy },
): string {
  const who = `http task ${names(http.filter((task) => hostOf(task) === host))}`;
  return allowsHost(policy, host)
    ? `may reach: ${host} (${who})`
    : `may not reach: ${host}; the policy refuses it, so ${who} will fail`;
}

function allowsShell({ run }: WorkerPolicy): boolean {
  return run === true || run?.includes("/bin/sh") === true;
}

/** Whether a `host:port` is within what is granted, where a host alone means all of its ports. */
function allowsHost({ net, deny }: WorkerPolicy, host: string): boolean {
  const name = host.slice(0, host.lastIndexOf(":"));
  const covers = (grant: Grant | undefined): boolean =>
    grant === true || grant?.some((entry) => entry === host || entry === name) === true;
  return covers(net) && !covers(deny?.net);
}

/** `host:port` of a task's request. */
function hostOf({ request }: TaskOf<"http">): string {
  const { hostname, port, protocol } = new URL(request.url);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function scopeWords(scope: DagSpec["scope"]): string {
  return scopeKey(scope).replace(":", " ");
}

function names(tasks: readonly TaskSpec[]): string {
  return listFew(tasks.map((task) => task.id));
}

function count(things: readonly unknown[], what: string): string {
  return `${things.length} ${what}${things.length === 1 ? "" : "s"}`;
}

function isEmpty(grant: Grant | undefined): boolean {
  return grant !== true && (grant ?? []).length === 0;
}

function grantWords(grant: Grant | undefined, known: Readonly<Record<string, string>>): string {
  if (grant === true) return "everything";
  return isEmpty(grant)
    ? "nothing"
    : (grant ?? []).map((entry) => known[entry] ?? entry).join(", ");
}

function asList(grant: Grant | undefined): string[] {
  return grant === true ? ["*"] : [...grant ?? []];
}
