/** Warns of secrets that tasks declare and that there aren't. */
import type { DagSpec } from "./dag_spec.ts";
import { quote } from "./quote.ts";
import { formatPath, type Warning } from "./spec_problem.ts";

/**
 * One warning for each name, at the first task that declares it. Not a problem: the secret may be
 * set before the DAG is confirmed.
 * @param known names of the secrets that there are for the DAG's scope
 */
export function unknownSecrets(spec: DagSpec, known: readonly string[]): Warning[] {
  const seen = new Set(known);
  const warnings: Warning[] = [];
  for (const [index, task] of spec.tasks.entries()) {
    for (const [at, name] of task.secrets.entries()) {
      if (seen.has(name)) continue;
      seen.add(name);
      warnings.push({
        path: formatPath(["tasks", index, "secrets", at]),
        code: "unknown_secret",
        message: `there is no secret ${quote(name)} for this scope: unless it is set before the ` +
          "task starts, the task fails",
      });
    }
  }
  return warnings;
}
