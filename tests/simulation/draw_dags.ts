/** The DAGs of a seed: random tasks, and around them what a whole DAG has. */
import fc from "fast-check";
import type { DagSpec } from "../../lib/schema/dag_spec.ts";
import type { Scope } from "../../lib/schema/scope.ts";
import { randomSpec, shuffled } from "../scheduler/random_spec.ts";
import type { Chance } from "./chance.ts";

const SCOPES: readonly Scope[] = [
  { type: "global" },
  { type: "project", project_id: "p", reuse_worker: true },
  { type: "project", project_id: "own", reuse_worker: false },
  { type: "user", user_id: "u" },
];

/** How DAGs are drawn. */
export interface DagDraw {
  readonly seed: number;
  readonly count: number;
  /** Whether the tasks are in another order in their files; that must change nothing. */
  readonly shuffle: boolean;
}

/** Draws the DAGs; the second version of each has other tasks. */
export function drawDags(chance: Chance, { seed, count, shuffle }: DagDraw): DagSpec[] {
  return fc.sample(randomSpec, { seed, numRuns: count }).map((drawn, index) => {
    const spec = { ...drawn, ...frameOf(chance, `d${index}`), tasks: grouped(chance, drawn) };
    return shuffle ? shuffled(spec, numbers()) : spec;
  });
}

function frameOf(chance: Chance, dag_id: string): Partial<DagSpec> & { readonly dag_id: string } {
  const overlap = chance.oneOf(["skip", "queue", "allow"] as const);
  const catch_up = chance.oneOf(["none", "last", "all"] as const);
  const schedule = { cron: "* * * * *", timezone: "UTC", overlap, catch_up };
  return {
    dag_id,
    scope: chance.oneOf(SCOPES),
    priority: chance.oneOf(["urgent", "high", "medium", "low"]),
    ...(chance.happens(0.15) ? { schedule } : {}),
    ...(chance.happens(0.2) ? { max_active_runs: chance.between(1, 2) } : {}),
    ...(chance.happens(0.2) ? { groups: { g: chance.between(1, 2) } } : {}),
    ...(chance.happens(0.2) ? { timeout: chance.oneOf(["5s", "20s", "1m"]) } : {}),
  };
}

/** By their names, so that their order in the file doesn't matter. */
function grouped(chance: Chance, { tasks }: DagSpec): DagSpec["tasks"] {
  const share = chance.oneOf([0, 0, 0.5]);
  const limit = chance.oneOf([undefined, undefined, "3s"]);
  return tasks.map((task) => ({
    ...task,
    ...(chance.happens(share) ? { group: "g" } : {}),
    ...(limit === undefined || task.type === "approval" ? {} : { timeout: limit }),
  }));
}

function* numbers(): Generator<number> {
  for (let at = 1;; at = (at * 48_271) % 2_147_483_647) yield at;
}
