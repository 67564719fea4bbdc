/** Where a task works. */
import { TaskError } from "./attempt.ts";

/**
 * The absolute directory for a task's `cwd`. Not looked at before a start fails: see
 * {@linkcode explainMissing}.
 * @throws {TaskError} `bad_cwd` for a path that leads out of the workspace
 */
export function workingDirectory(workspace: string, cwd = "."): string {
  if (cwd === ".") return workspace;
  if (cwd.startsWith("/") || cwd.split("/").includes("..")) {
    throw new TaskError(
      "bad_cwd",
      `the directory "${cwd}" is not in the workspace; use a path in it`,
    );
  }
  return `${workspace}/${cwd}`;
}

/** Why nothing can be started in a directory, or undefined when it is fine. */
export function whyNoDirectory(path: string): string | undefined {
  try {
    if (Deno.statSync(path).isDirectory) return undefined;
    return `${path} is not a directory`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `the directory ${path} does not exist`;
    // Not to be read: the start itself will tell more.
    return undefined;
  }
}
