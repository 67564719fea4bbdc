/** Random DAGs for property tests of runs, and the same DAG with its tasks in another order. */
import fc from "fast-check";
import type { DagSpec } from "../../lib/schema/dag_spec.ts";
import { makeSpec } from "./make_spec.ts";

const LEVELS = [
  { type: "confirmed" },
  { type: "recommended", default_action: "execute", timeout: "1m" },
  { type: "recommended", default_action: "skip", timeout: "1m" },
  { type: "recommended", default_action: "abort", timeout: "1m" },
  { type: "arbitrated", stakeholders: ["ann", "bob"], threshold: 1 },
] as const;

/** One task; it depends on some of those before it. */
const randomTask = fc.record({
  depends: fc.array(fc.nat(30), { maxLength: 4 }),
  type: fc.oneof(
    { weight: 12, arbitrary: fc.constant("shell") },
    { weight: 3, arbitrary: fc.constant("noop") },
    { weight: 1, arbitrary: fc.constant("approval") },
    { weight: 1, arbitrary: fc.constant("skill") },
  ),
  level: fc.oneof(
    { weight: 6, arbitrary: fc.constant({ type: "mechanical" } as const) },
    { weight: 2, arbitrary: fc.constantFrom(...LEVELS) },
  ),
  run_if: fc.oneof(
    { weight: 4, arbitrary: fc.constant("all_success") },
    { weight: 1, arbitrary: fc.constantFrom("all_done", "any_failed") },
  ),
  on_failure: fc.constantFrom("blocking", "ignorable"),
  rollback: fc.constantFrom<string[]>([], ["undo"]),
  idempotent: fc.boolean(),
  attempts: fc.integer({ min: 1, max: 3 }),
});
type RandomTask = typeof randomTask extends fc.Arbitrary<infer T> ? T : never;

/** Up to 14 tasks with everything that decides what becomes of them. */
export const randomSpec: fc.Arbitrary<DagSpec> = fc.record({
  tasks: fc.array(randomTask, { minLength: 1, maxLength: 14 }),
  max_parallel: fc.integer({ min: 1, max: 5 }),
  policy: fc.constantFrom("all_success", "all_success", "first_success", "allow_debt"),
}).map(({ tasks, ...dag }) => specOf(tasks, dag));

function specOf(tasks: readonly RandomTask[], dag: object): DagSpec {
  return makeSpec(
    Object.fromEntries(tasks.map((task, index) => {
      const { depends, attempts, ...fields } = task;
      const needed = index === 0 ? [] : [...new Set(depends.map((n) => n % index))];
      return [idOf(index), {
        ...fields,
        command: task.type === "shell" ? "true" : undefined,
        skill: task.type === "skill" ? "none" : undefined,
        depends_on: needed.map(idOf),
        retry: { max_attempts: attempts, delay: "1s", jitter: 0.2 },
      }];
    })),
    dag,
  );
}

/** An id whose order is not that of the tasks. */
function idOf(index: number): string {
  return `t${(index * 7) % 15}`;
}

/** The same DAG with its tasks, and what each depends on, in another order. */
export function shuffled(spec: DagSpec, numbers: Iterator<number>): DagSpec {
  const mix = <T>(list: readonly T[]): T[] => {
    const mixed = [...list];
    for (let at = mixed.length - 1; at > 0; at--) {
      const other = Number(numbers.next().value) % (at + 1);
      const [a, b] = [mixed[at], mixed[other]];
      if (a !== undefined && b !== undefined) [mixed[at], mixed[other]] = [b, a];
    }
    return mixed;
  };
  return {
    ...spec,
    tasks: mix(spec.tasks.map((task) => ({ ...task, depends_on: mix(task.depends_on) }))),
  };
}
