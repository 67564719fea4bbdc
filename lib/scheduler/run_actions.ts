/** What people do with runs: run again, cancel, retry. */
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { isFinalRun } from "../schema/states.ts";
import type { Waiting } from "../schema/waiting.ts";
import { type BeginRun, newRunId } from "./confirm.ts";
import type { LocalExecutor } from "./local_executor.ts";
import type { Engine } from "./engine.ts";
import type { RunRow, RunStore } from "./run_store.ts";
import type { SpecRow, SpecStore } from "./spec_store.ts";

/** What these actions take. */
export interface RunActionParts {
  readonly engine: Engine;
  readonly runs: RunStore;
  readonly specs: SpecStore;
  readonly beginRun: BeginRun;
  readonly executor: LocalExecutor;
  /** What keeps a run that this node doesn't carry out. */
  readonly elsewhere: (runId: string) => Waiting | undefined;
}

/** One run. @throws {CisError} `run_not_found` */
export function requireRun(runs: RunStore, runId: string): RunRow {
  const row = runs.load(runId);
  if (row !== undefined) return row;
  throw new CisError("run_not_found", `there is no run "${runId}"; see the list of runs`);
}

/**
 * Begins a new run of the version in force.
 * @throws {CisError} `dag_not_found`, `not_confirmed`
 */
export function runAgain(
  tx: Tx,
  { specs, runs, beginRun }: RunActionParts,
  order: {
    readonly dagId: string;
    readonly by: string;
    /** Throws where the caller may not run a version: an earlier one may be of another scope. */
    readonly requireMayRun?: (version: SpecRow) => void;
  },
): RunRow {
  const { dagId, by } = order;
  if (specs.load(dagId) === undefined) {
    throw new CisError("dag_not_found", `there is no DAG "${dagId}"; publish it first`);
  }
  const row = specs.inForce(dagId);
  if (row === undefined) {
    throw new CisError(
      "not_confirmed",
      `no version of "${dagId}" has been confirmed; confirm one first`,
    );
  }
  order.requireMayRun?.(row);
  const run_id = newRunId();
  beginRun(tx, {
    dag_id: dagId,
    version: row.version,
    run_id,
    triggered_by: "run",
    confirmed_by: by,
  });
  return requireRun(runs, run_id);
}

/**
 * Ends a run: what runs is killed, what waits doesn't start.
 * @throws {CisError} `run_not_found`, `run_finished`
 */
export function cancelRun(
  tx: Tx,
  { engine, runs }: RunActionParts,
  order: { readonly runId: string; readonly byName: string },
): RunRow {
  const row = requireRun(runs, order.runId);
  const run = engine.get(order.runId);
  if (row.status === "cancelled") return row;
  // One that has ended in this very commit is at hand still.
  if (run === undefined || isFinalRun(row.status)) {
    throw new CisError("run_finished", `the run ${row.run_id} has ${row.status} already`);
  }
  const reason = `cancelled by ${order.byName}`;
  engine.transact(tx, () => engine.apply(tx, run, { type: "stop", status: "cancelled", reason }));
  return requireRun(runs, order.runId);
}

/**
 * Lets nothing new start in a run; what runs goes on.
 * @throws {CisError} `run_not_found`, `run_finished`
 */
export function pauseRun(tx: Tx, parts: RunActionParts, runId: string): RunRow {
  return steer(tx, parts, { runId, type: "pause" });
}

/**
 * Lets a paused run go on.
 * @throws {CisError} `run_not_found`, `run_finished`
 */
export function resumeRun(tx: Tx, parts: RunActionParts, runId: string): RunRow {
  return steer(tx, parts, { runId, type: "resume" });
}

function steer(
  tx: Tx,
  { runs, executor, elsewhere }: RunActionParts,
  { runId, type }: { runId: string; type: "pause" | "resume" },
): RunRow {
  const row = requireRun(runs, runId);
  if (isFinalRun(row.status)) {
    throw new CisError("run_finished", `the run ${row.run_id} has ${row.status} already`);
  }
  const where = elsewhere(runId);
  if (where !== undefined) {
    throw new CisError("invalid_state", `${where.message}; ${type} it there, or cancel it`);
  }
  executor.happen(tx, runId, { type });
  return requireRun(runs, runId);
}

/**
 * Begins a new run in place of one that ended, keeping the results of its completed tasks unless
 * asked not to, but for `taskId` and what depends on it.
 * @throws {CisError} `run_not_found`, `run_not_finished`, `invalid_state`, `task_not_found`
 */
export function retryRun(
  tx: Tx,
  { runs, specs, beginRun }: RunActionParts,
  order: {
    readonly runId: string;
    readonly by: string;
    readonly fromScratch: boolean;
    readonly taskId?: string;
  },
): RunRow {
  const row = requireRun(runs, order.runId);
  if (!isFinalRun(row.status)) {
    throw new CisError(
      "run_not_finished",
      `the run ${row.run_id} is ${row.status}; cancel it first`,
    );
  }
  const { taskId } = order;
  if (taskId !== undefined && !specs.specOf(row).tasks.some(({ id }) => id === taskId)) {
    throw new CisError("task_not_found", `the run ${row.run_id} has no task "${taskId}"`);
  }
  if (row.status === "completed" && !order.fromScratch && taskId === undefined) {
    throw new CisError(
      "invalid_state",
      `every task of ${row.run_id} has completed, so there is nothing to retry; ` +
        'run the DAG again, name a "task_id", or say "from_scratch": true',
    );
  }
  const run_id = newRunId();
  beginRun(tx, {
    dag_id: row.dag_id,
    version: row.version,
    run_id,
    triggered_by: "retry",
    confirmed_by: order.by,
    retry_of: row.run_id,
    keep_completed: !order.fromScratch,
    rerun: taskId ?? null,
  });
  return requireRun(runs, run_id);
}
