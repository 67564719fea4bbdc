/** Resolve: a debt is settled, with the reason why, and where wanted by running its task again. */
import type { Database, Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { isFinalRun } from "../schema/states.ts";
import { type BeginRun, newRunId } from "./confirm.ts";
import type { DebtRow, DebtStore } from "./debt_store.ts";
import type { EventLog } from "./event_log.ts";
import { requireMayDecide } from "./may_decide.ts";
import { requireRun } from "./run_actions.ts";
import type { RunStore } from "./run_store.ts";

/** What resolving takes. */
export interface ResolveParts {
  readonly db: Database;
  readonly runs: RunStore;
  readonly debts: DebtStore;
  readonly events: EventLog;
  readonly beginRun: BeginRun;
}

/** How a debt is to be resolved. */
export interface ResolveOrder {
  readonly debtId: string;
  /** Token of who resolves it. */
  readonly by: string;
  readonly reason: string;
  /** Run the task again, in a new run that keeps everything else of the old one. */
  readonly resume: boolean;
}

/** One debt. @throws {CisError} `debt_not_found` */
export function requireDebt(debts: DebtStore, debtId: string): DebtRow {
  const row = debts.load(debtId);
  if (row !== undefined) return row;
  throw new CisError("debt_not_found", `there is no debt "${debtId}"; see the list of debts`);
}

/**
 * Resolves a debt.
 * @throws {CisError} `debt_not_found`, `already_decided`, `run_not_finished`, `invalid_state`
 */
export function resolveDebt(tx: Tx, parts: ResolveParts, order: ResolveOrder): DebtRow {
  const debt = requireDebt(parts.debts, order.debtId);
  if (debt.status !== "open") {
    throw new CisError(
      "already_decided",
      `the debt of "${debt.task_id}" in ${debt.run_id} is resolved: ${debt.reason}`,
    );
  }
  const resumedByRun = order.resume ? resume(tx, parts, { debt, by: order.by }) : null;
  if (!parts.debts.resolve(tx, { ...order, resumedByRun })) throw mayNot(tx, parts, order);
  parts.events.append(tx, {
    type: "debt.resolved",
    dagId: debt.dag_id,
    runId: debt.run_id,
    taskId: debt.task_id,
    data: { debt_id: debt.debt_id, reason: order.reason, resumed_by_run: resumedByRun },
  });
  return requireDebt(parts.debts, order.debtId);
}

function resume(
  tx: Tx,
  { runs, beginRun }: ResolveParts,
  { debt, by }: { debt: DebtRow; by: string },
): string {
  const run = requireRun(runs, debt.run_id);
  if (!isFinalRun(run.status)) {
    throw new CisError(
      "run_not_finished",
      `the run ${run.run_id} is ${run.status}; its task can be run again when it has ended`,
    );
  }
  if (run.status !== "completed") {
    throw new CisError(
      "invalid_state",
      `the run ${run.run_id} has ${run.status}: retry it, which runs "${debt.task_id}" again too`,
    );
  }
  const run_id = newRunId();
  beginRun(tx, {
    dag_id: run.dag_id,
    version: run.version,
    run_id,
    triggered_by: "debt",
    confirmed_by: by,
    retry_of: run.run_id,
    only_again: debt.task_id,
  });
  return run_id;
}

/** It is open, so it is the token that doesn't fit. Never returns. */
function mayNot(tx: Tx, { db }: ResolveParts, { debtId, by }: ResolveOrder): Error {
  requireMayDecide(tx, db, {
    table: "debts",
    where: "debt_id = :id",
    values: { id: debtId },
    who: by,
    about: `the debt ${debtId}`,
  });
  return new Error(`the debt ${debtId} was not resolved`);
}
