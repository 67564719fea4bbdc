/** Which results of an ended run a new one takes over. Pure. */
import type { DagSpec } from "../schema/dag_spec.ts";
import {
  createRunMachine,
  restoreRunMachine,
  type RunMachine,
  type StoredTask,
} from "./run_machine.ts";

/** A task that is to run from its beginning. */
const FRESH: StoredTask = {
  status: "pending",
  attempt: 0,
  failures: 0,
  losses: 0,
  lease: null,
  error: null,
  startedAt: null,
  finishedAt: null,
  retryAt: null,
  hasOutputs: false,
};

/**
 * A new run that keeps what completed in an earlier one, but for `rerun` and all that depends on it.
 * @param tasks of the earlier run, in the spec's order
 */
export function machineKeeping(
  spec: DagSpec,
  tasks: readonly StoredTask[],
  rerun: string | null,
): RunMachine {
  const again = rerun === null ? new Set<number>() : withDependants(spec, rerun);
  return restoreRunMachine(spec, {
    status: "queued",
    tasks: tasks.map((task, index) =>
      task.status === "completed" && !again.has(index) ? task : FRESH
    ),
  });
}

/** A new run in which the tasks with results have completed. @param results outputs by task, or null */
export function machineWithResults(
  spec: DagSpec,
  results: Readonly<Record<string, unknown>>,
): RunMachine {
  return restoreRunMachine(spec, {
    status: "queued",
    tasks: spec.tasks.map(({ id }) =>
      id in results
        ? { ...FRESH, status: "completed", hasOutputs: (results[id] ?? null) !== null }
        : FRESH
    ),
  });
}

function withDependants(spec: DagSpec, taskId: string): Set<number> {
  const { dependants } = createRunMachine(spec);
  const found = new Set<number>();
  const open = [spec.tasks.findIndex(({ id }) => id === taskId)];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    open.push(...dependants[at] ?? []);
  }
  return found;
}
