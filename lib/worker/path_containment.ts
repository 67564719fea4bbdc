/** Paths as permissions compare them: by segments, without looking at the disk. Pure. */
import { resolve } from "node:path";

/** Whether an absolute path is a directory itself or something below it. */
export function isWithin(path: string, directory: string): boolean {
  if (directory === "/") return path.startsWith("/");
  return path === directory || path.startsWith(`${directory}/`);
}

/** A path from the workspace, or an absolute one, as an absolute one without `.` and `..`. */
export function absolutePath(path: string, workspace: string): string {
  return resolve(workspace, path);
}
