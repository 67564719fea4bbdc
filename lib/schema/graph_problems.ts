import { findCycles, type GraphTask } from "./graph.ts";
import { quote } from "./quote.ts";
import type { OutlineTask } from "./spec_outline.ts";
import { type Problem, problem } from "./spec_problem.ts";
import { didYouMean } from "./suggest.ts";

/** Looking for a near name means looking at all names, so only so many get one. */
const MAX_SUGGESTIONS = 10;

/** How many tasks of a cycle a message shows. */
const MAX_CYCLE_SHOWN = 12;

/**
 * What is wrong with how the tasks hang together: ids used twice, dependencies on tasks
 * that are not there or on oneself, tasks that wait for each other in a circle.
 */
export function graphProblems(tasks: readonly OutlineTask[]): Problem[] {
  const indexes = new Map<string, number>();
  const problems: Problem[] = [];
  for (const [index, { id }] of tasks.entries()) {
    if (id === undefined) continue;
    const first = indexes.get(id);
    if (first === undefined) indexes.set(id, index);
    else problems.push(duplicateId(index, first, id));
  }
  return [...problems, ...dependencyProblems(tasks, indexes), ...cycleProblems(tasks, indexes)];
}

function duplicateId(index: number, first: number, id: string): Problem {
  const message = `the id ${quote(id)} is already that of tasks[${first}]`;
  return problem(`tasks[${index}].id`, "duplicate_id", message);
}

function dependencyProblems(
  tasks: readonly OutlineTask[],
  indexes: ReadonlyMap<string, number>,
): Problem[] {
  const problems: Problem[] = [];
  let suggestions = 0;
  for (const [index, task] of tasks.entries()) {
    for (const [position, name] of task.depends_on.entries()) {
      const path = `tasks[${index}].depends_on[${position}]`;
      if (name === undefined) continue;
      if (name === task.id) {
        problems.push(problem(path, "self_dependency", `${quote(name)} depends on itself`));
      } else if (!indexes.has(name)) {
        const hint = suggestions++ < MAX_SUGGESTIONS ? didYouMean(name, indexes.keys()) : "";
        const message = `there is no task ${quote(name)} in this DAG${hint}`;
        problems.push(problem(path, "unknown_dependency", message));
      }
    }
  }
  return problems;
}

function cycleProblems(
  tasks: readonly OutlineTask[],
  indexes: ReadonlyMap<string, number>,
): Problem[] {
  const graph = tasks.map((task, index): GraphTask => {
    // A second task of the same id would hide the first one's dependencies.
    const isFirst = task.id !== undefined && indexes.get(task.id) === index;
    const names = task.depends_on.filter((name) => name !== undefined);
    return { id: isFirst ? task.id ?? "" : "", depends_on: isFirst ? names : [] };
  });
  return findCycles(graph).map((cycle) => {
    const [start = "", next] = cycle;
    const index = indexes.get(start) ?? 0;
    const position = tasks[index]?.depends_on.indexOf(next) ?? 0;
    const message = `the tasks wait for each other: ${showCycle(cycle)}`;
    return problem(`tasks[${index}].depends_on[${position}]`, "cycle", message);
  });
}

/** `a → b → a`, where the arrow reads "depends on". Long ones are cut in the middle. */
function showCycle(cycle: readonly string[]): string {
  if (cycle.length <= MAX_CYCLE_SHOWN) return cycle.join(" → ");
  const left = cycle.length - MAX_CYCLE_SHOWN;
  const head = cycle.slice(0, MAX_CYCLE_SHOWN - 2);
  return [...head, `(${left} more)`, ...cycle.slice(-2)].join(" → ");
}
