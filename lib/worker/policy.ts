/** What a scope's worker may touch, and how that is said to the person who approves. Pure. */
import type { PermissionsView } from "../schema/api.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import { scopeKey } from "../schema/scope.ts";
import type { PolicyGrants } from "./permission_flags.ts";

/** Lists of what is allowed; true: everything of that kind. */
export interface WorkerPolicy {
  readonly net: readonly string[] | true;
  /** Paths; the workspace itself is always among them. */
  readonly read: readonly string[] | true;
  readonly write: readonly string[] | true;
  readonly env: readonly string[] | true;
  readonly run: readonly string[] | true;
}

/**
 * The policy of every scope where nothing else is said. `http` tasks run in the worker process, so
 * it may reach the network; `deno` tasks get none of it (see {@linkcode taskPermissions}).
 */
export const DEFAULT_POLICY: WorkerPolicy = {
  net: true,
  read: [],
  write: [],
  env: [],
  run: ["/bin/sh"],
};

/** Variables of the node's environment that tasks get. */
export const TASK_ENV_NAMES: readonly string[] = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TERM"];

/** Permissions of `deno` tasks: the workspace and their own temporary files, nothing else. */
export function taskPermissions(
  _policy: WorkerPolicy,
  grants: PolicyGrants,
): Record<string, boolean | string[]> {
  return {
    net: false,
    read: [grants.workspace, grants.temp],
    write: [grants.workspace, grants.temp],
    env: false,
    run: false,
    ffi: false,
    sys: false,
    import: false,
  };
}

/** What the tasks of a spec may touch under a policy, in sentences and as data. */
export function describePermissions(
  spec: DagSpec,
  policy: WorkerPolicy,
  { workspace }: { workspace: string },
): PermissionsView {
  const types = new Set(spec.tasks.map((task) => task.type));
  const hosts = [
    ...new Set(
      spec.tasks.flatMap((task) => task.type === "http" ? [new URL(task.request.url).host] : []),
    ),
  ].sort();
  const place = `${workspace} (the workspace of ${scopeKey(spec.scope)})`;
  const shell = types.has("shell");
  return {
    summary: [
      `may read and write: ${place}`,
      hosts.length === 0 ? "http tasks: none" : `http tasks reach: ${hosts.join(", ")}`,
      ...(types.has("deno") ? ["deno tasks: no network, no programs, no environment"] : []),
      ...(shell
        ? [
          "runs: /bin/sh, not walled in: a command may do whatever the user that runs this node " +
          "may, on files and network alike",
        ]
        : ["runs: no programs"]),
    ],
    net: shell ? ["*"] : hosts,
    read: shell ? ["*"] : [workspace],
    write: shell ? ["*"] : [workspace],
    env: shell ? [...TASK_ENV_NAMES] : [],
    run: shell && policy.run !== true ? [...policy.run] : [],
    isolation: "none",
  };
}
