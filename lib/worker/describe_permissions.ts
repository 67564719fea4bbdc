/**
 * What the tasks of a DAG may touch, for the person who decides: one plain sentence each, and as
 * data. Made by the functions that the permissions themselves are made by. Pure.
 */
import type { PermissionsView } from "../schema/api.ts";
import type { TaskSpec } from "../schema/dag_spec.ts";
import type { Policy } from "../schema/policy.ts";
import type { ScopeGround } from "./effective_permissions.ts";
import type { MachineWalls } from "./walls.ts";
import { permissionSentences } from "./permission_sentences.ts";
import { groupTasks, type TaskGroup, type TouchingSpec } from "./task_groups.ts";

/** What the tasks of a DAG may touch. */
export function describePermissions(
  spec: TouchingSpec,
  scope: ScopeGround,
  walls: MachineWalls,
): PermissionsView {
  const groups = groupTasks(spec, scope, walls).filter(({ type }) => DOES_SOMETHING.has(type));
  const lists = groups.map(listsOf);
  const all = unionOf(lists);
  const differing = lists.some((each) => !isSame(each, lists[0])) ? lists : [];
  const { policy } = scope;
  return {
    summary: permissionSentences(spec, { groups, scope, walls }),
    ...all,
    isolation: labelOf(groups),
    secrets: [...new Set(spec.tasks.flatMap((task) => task.secrets))],
    limits: limitsOf(policy),
    taken_away: { net: [...scope.ground.net], paths: [...scope.ground.paths] },
    tasks: groups.flatMap((group, index) => {
      const own = differing[index];
      if (own === undefined) return [];
      return [{ task_ids: group.tasks.map(({ id }) => id), ...own, isolation: group.walls }];
    }),
  };
}

const DOES_SOMETHING: ReadonlySet<TaskSpec["type"]> = new Set(["shell", "deno", "http"]);

type Lists = Pick<PermissionsView, "net" | "read" | "write" | "env" | "run">;
const KINDS = ["net", "read", "write", "env", "run"] as const;

/** What tasks that may not start would touch is not shown: they touch nothing. */
function listsOf({ permissions, refusals }: TaskGroup): Lists {
  const list = (kind: (typeof KINDS)[number]): string[] => {
    const granted = permissions[kind];
    if (refusals.length > 0) return [];
    return granted === true ? ["*"] : [...granted];
  };
  return {
    net: list("net"),
    read: list("read"),
    write: list("write"),
    env: list("env"),
    run: list("run"),
  };
}

function unionOf(lists: readonly Lists[]): Lists {
  const union = (kind: (typeof KINDS)[number]): string[] => [
    ...new Set(lists.flatMap((each) => each[kind])),
  ];
  return {
    net: union("net"),
    read: union("read"),
    write: union("write"),
    env: union("env"),
    run: union("run"),
  };
}

function isSame(one: Lists, other: Lists | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** "bubblewrap" only where all that may start programs is behind it. */
function labelOf(groups: readonly TaskGroup[]): string {
  const starting = groups.filter(({ type }) => type === "shell");
  if (starting.length === 0) return "none";
  return starting.every(({ walls }) => walls === "bubblewrap") ? "bubblewrap" : "none";
}

/** The limits of a policy, as they are shown. */
export function limitsOf(policy: Policy): PermissionsView["limits"] {
  const { memory, cpu, pids, disk, task_timeout, max_output, max_concurrent_tasks } = policy;
  return { memory, cpu, pids, disk, task_timeout, max_output, max_concurrent_tasks };
}
