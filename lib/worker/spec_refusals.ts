/** What of a DAG its scope's policy does not allow, as problems of the document. Pure. */
import type { DagSpec } from "../schema/dag_spec.ts";
import { shellRollbacks } from "../schema/rollback_task.ts";
import { formatPath, type Problem, problem } from "../schema/spec_problem.ts";
import type { ScopeGround } from "./effective_permissions.ts";
import type { MachineWalls } from "./walls.ts";
import { placeOfRule } from "./resolve_policy.ts";
import { type Refusal, taskRefusals } from "./task_refusals.ts";

/** All of them, with where each would be granted. */
export function specRefusals(
  spec: Pick<DagSpec, "scope" | "tasks">,
  scope: ScopeGround,
  walls: MachineWalls,
): Problem[] {
  return spec.tasks.flatMap((task, index) =>
    [
      ...taskRefusals(task, scope, walls),
      ...shellRollbacks([task]).flatMap((rollback) =>
        taskRefusals(rollback, scope, walls).map(inRollback)
      ),
    ].map(({ field, rule, what }) => {
      const way = rule === null
        ? "ask for something else"
        : wayTo(placeOfRule(spec.scope, rule), rule);
      const path = formatPath(["tasks", index, ...field]);
      return problem(path, "not_permitted", `${what}; ${way}`);
    })
  );
}

function inRollback({ rule, what }: Refusal): Refusal {
  return { field: ["rollback"], rule, what: `its rollback is run by a shell: ${what}` };
}

function wayTo(place: string, rule: string): string {
  if (rule.startsWith("deny.")) return `${place} keeps it away; change that, or ask for less`;
  return `${place} would allow it, or ask for less`;
}
