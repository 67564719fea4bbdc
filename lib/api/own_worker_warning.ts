/** A DAG that wants a worker of its own where those of its scope are reached over a homeserver. */
import { isOnHomeserver, type MatrixSettings } from "../config_matrix.ts";
import { isElsewhere } from "../homeserver_workers.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import { scopeKey } from "../schema/scope.ts";
import type { Warning } from "../schema/spec_problem.ts";

/** Says that it will be inside the node all the same. */
export function ownWorkerWarning(
  { scope }: DagSpec,
  settings: MatrixSettings | undefined,
): Warning[] {
  if (scope.type !== "project" || scope.reuse_worker) return [];
  const key = scopeKey(scope);
  if (!isOnHomeserver(settings, key)) return [];
  const where = isElsewhere(settings, scope)
    ? "are started on another machine"
    : "are on a homeserver";
  const message =
    `workers of ${key} ${where}, but with reuse_worker: false each run has one of its ` +
    "own, which the node itself starts and reaches without the homeserver: an account and a room for " +
    "each run would stay there for ever";
  return [{ path: "scope.reuse_worker", code: "own_worker_stays_here", message }];
}
