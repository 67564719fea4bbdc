/** What a task asks for. Pure. */
import type { TaskSpec } from "../schema/dag_spec.ts";
import type { GrantKind } from "../schema/policy.ts";
import { absolutePath } from "./path_containment.ts";

/** The program that shell tasks are run by. */
export const SHELL = "/bin/sh";

/** Entries by kind, paths absolute; true: all that the policy grants. */
export type TaskWishes = Readonly<
  Record<Exclude<GrantKind, "env">, readonly string[]> & { env: true | readonly string[] }
>;

const NOTHING: TaskWishes = { net: [], read: [], write: [], env: [], run: [] };

/**
 * What a task asks for: what it says in its permissions, or its workspace and the usual variables
 * where it says nothing, and what follows from its work.
 */
export function taskWishes(task: TaskSpec, workspace: string): TaskWishes {
  const stated = statedWishes(task, workspace);
  if (task.type === "shell") return { ...stated, run: [...new Set([SHELL, ...stated.run])] };
  if (task.type === "http") return { ...stated, net: [...new Set([hostOf(task), ...stated.net])] };
  return stated;
}

function statedWishes(task: TaskSpec, workspace: string): TaskWishes {
  const { permissions } = task;
  if (permissions === undefined) {
    if (task.type !== "shell" && task.type !== "deno") return NOTHING;
    return { ...NOTHING, read: [workspace], write: [workspace], env: true };
  }
  const paths = (list: readonly string[]): string[] => [
    ...new Set(list.map((path) => absolutePath(path, workspace))),
  ];
  return { ...permissions, read: paths(permissions.read), write: paths(permissions.write) };
}

/** `host:port` that an http task asks. */
export function hostOf({ request }: Extract<TaskSpec, { type: "http" }>): string {
  const { hostname, port, protocol } = new URL(request.url);
  return `${hostname.replace(/\.$/, "")}:${port || (protocol === "https:" ? "443" : "80")}`;
}
