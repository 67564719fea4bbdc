/** Cancel of one task: it ends, and what depends on it goes on or is skipped as its `run_if` says. */
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { isFinalTask, type TaskState } from "../schema/states.ts";
import type { Engine } from "./engine.ts";
import type { LocalExecutor } from "./local_executor.ts";
import { requireRun } from "./run_actions.ts";
import type { RunStore } from "./run_store.ts";
import { nodeAt } from "./run_state.ts";

/** What cancelling a task takes. */
export interface CancelTaskParts {
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly runs: RunStore;
}

/**
 * Ends a task of a run that goes on. Cancelling again is fine.
 * @returns its state
 * @throws {CisError} `run_not_found`, `run_finished`, `task_not_found`, `invalid_state`
 */
export function cancelTask(
  tx: Tx,
  { engine, executor, runs }: CancelTaskParts,
  order: { readonly runId: string; readonly taskId: string; readonly byName: string },
): TaskState {
  const { runId, taskId } = order;
  const row = requireRun(runs, runId);
  const run = engine.get(runId);
  if (run === undefined) {
    throw new CisError("run_finished", `the run ${runId} has ${row.status} already`);
  }
  const index = run.indexOf.get(taskId);
  if (index === undefined) {
    throw new CisError("task_not_found", `the run ${runId} has no task "${taskId}"`);
  }
  const { status } = nodeAt(run.machine, index);
  if (status === "cancelled") return status;
  if (isFinalTask(status)) {
    throw new CisError("invalid_state", `the task "${taskId}" is ${status}; it can't be cancelled`);
  }
  if (row.status === "queued") {
    throw new CisError("invalid_state", `the run ${runId} has not started; cancel the run instead`);
  }
  const reason = `cancelled by ${order.byName}`;
  executor.happen(tx, runId, { type: "cancel_task", index, reason });
  return "cancelled";
}
