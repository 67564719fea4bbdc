/** Where the tasks of a scope work: a directory that the configuration names, or one of the node's. */
import { join } from "node:path";
import { type Scope, scopeKey } from "../schema/scope.ts";

/** What decides the directory. */
export interface WorkspaceSettings {
  /** Absolute. */
  readonly data_dir: string;
  /** Absolute directories by scope key. */
  readonly workspaces: Readonly<Record<string, string>>;
}

/** The absolute workspace directory of a scope. It need not exist yet. */
export function workspaceOf(scope: Scope, settings: WorkspaceSettings): string {
  const key = scopeKey(scope);
  return settings.workspaces[key] ?? join(settings.data_dir, "workspaces", key.replace(":", "-"));
}
