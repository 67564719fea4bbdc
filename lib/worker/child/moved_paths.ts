/** Paths of the node's workspace, as the worker has it on another machine. */
import type { TaskDispatch } from "../../schema/room_events.ts";

/** Where the workspace is on the node's side and on this one. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** A dispatch whose paths are this machine's. @param content of a `task.dispatch` */
export function withMovedPaths(content: unknown, move: Move): unknown {
  const { tasks } = (content ?? {}) as { tasks?: readonly TaskDispatch[] };
  if (!Array.isArray(tasks)) return content;
  return { ...content as object, tasks: tasks.map((task) => moved(task, move)) };
}

function moved(task: TaskDispatch, move: Move): TaskDispatch {
  const { permissions } = task;
  if (typeof permissions !== "object" || permissions === null) return task;
  const { deny } = permissions;
  return {
    ...task,
    permissions: {
      ...permissions,
      read: list(permissions.read, move),
      write: list(permissions.write, move),
      run: list(permissions.run, move),
      ...(deny === undefined
        ? {}
        : { deny: { ...deny, read: list(deny.read, move), write: list(deny.write, move) } }),
    },
  };
}

function list<T extends true | string[]>(paths: T, { from, to }: Move): T {
  if (!Array.isArray(paths)) return paths;
  return paths.map((path) =>
    path === from || path.startsWith(`${from}/`) ? `${to}${path.slice(from.length)}` : path
  ) as T;
}
