/** Debts, failures that were allowed to pass: rows of `debts`. */
import { v7 as uuid } from "uuid";
import type { Database, SqlValue, Tx } from "../db/database.ts";
import { toDbFields } from "../schema/scope.ts";
import type { DebtState } from "../schema/states.ts";
import type { ActiveRun } from "./active_run.ts";
import { mayDecide } from "./may_decide.ts";
import { nodeAt, specAt } from "./run_state.ts";

/** A debt as stored, with the name of who resolved it. */
export interface DebtRow {
  readonly debt_id: string;
  readonly run_id: string;
  readonly task_index: number;
  readonly task_id: string;
  readonly dag_id: string;
  readonly scope_type: string;
  readonly scope_id: string | null;
  readonly error: string | null;
  readonly created_at: number;
  readonly status: DebtState;
  readonly resolved_by: string | null;
  readonly resolved_by_name: string | null;
  readonly resolved_at: number | null;
  readonly reason: string | null;
  readonly resumed_by_run: string | null;
}

/** Which debts to list; absent: all. */
export interface DebtFilter {
  readonly status?: DebtState;
  readonly runId?: string;
  readonly dagId?: string;
  /** Behind this one in the list, newest first. */
  readonly before?: { readonly createdAt: number; readonly debtId: string };
  readonly limit: number;
}

/** How a debt is resolved. */
export interface Resolution {
  readonly debtId: string;
  /** Token of who resolves it; it must be allowed to decide in the debt's scope. */
  readonly by: string;
  readonly reason: string;
  readonly resumedByRun: string | null;
}

const RESOLVE = `UPDATE debts
  SET status = 'resolved', resolved_by = :who, resolved_at = :now, reason = :reason,
    resumed_by_run = :run
  WHERE debt_id = :id AND status = 'open' AND ${mayDecide("debts")} RETURNING debt_id`;

const SELECT = `SELECT d.*, t.name AS resolved_by_name FROM debts d
  LEFT JOIN tokens t ON t.token_id = d.resolved_by`;

export class DebtStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Notes the failure of a task as a debt. @returns its id */
  open(tx: Tx, { run, index }: { run: ActiveRun; index: number }): string {
    const { scope_type, scope_id } = toDbFields(run.machine.spec.scope);
    const debtId = `debt-${uuid()}`;
    this.#db.run(
      `INSERT INTO debts (debt_id, run_id, task_index, task_id, dag_id, scope_type, scope_id, error,
        created_at, status) VALUES (?,?,?,?,?,?,?,?,?,'open')`,
      debtId,
      run.runId,
      index,
      specAt(run.machine, index).id,
      run.dagId,
      scope_type,
      scope_id,
      nodeAt(run.machine, index).error,
      tx.now,
    );
    return debtId;
  }

  /** One debt. */
  load(debtId: string): DebtRow | undefined {
    return this.#db.get<DebtRow>(`${SELECT} WHERE d.debt_id = ?`, debtId);
  }

  /** Debts, newest first. */
  list(filter: DebtFilter): DebtRow[] {
    const where: string[] = ["1"];
    const values: SqlValue[] = [];
    const add = (condition: string, ...given: SqlValue[]): void => {
      where.push(condition);
      values.push(...given);
    };
    if (filter.status !== undefined) add("d.status = ?", filter.status);
    if (filter.runId !== undefined) add("d.run_id = ?", filter.runId);
    if (filter.dagId !== undefined) add("d.dag_id = ?", filter.dagId);
    if (filter.before !== undefined) {
      add("(d.created_at, d.debt_id) < (?, ?)", filter.before.createdAt, filter.before.debtId);
    }
    return this.#db.all<DebtRow>(
      `${SELECT} WHERE ${where.join(" AND ")} ORDER BY d.created_at DESC, d.debt_id DESC LIMIT ?`,
      ...values,
      filter.limit,
    );
  }

  /** All debts of a run, by task. */
  ofRun(runId: string): DebtRow[] {
    return this.#db.all<DebtRow>(`${SELECT} WHERE d.run_id = ? ORDER BY d.task_index`, runId);
  }

  /** Resolves an open debt. @returns whether it was open, and `by` may */
  resolve(tx: Tx, { debtId, by, reason, resumedByRun }: Resolution): boolean {
    return this.#db.getNamed(RESOLVE, {
      id: debtId,
      who: by,
      now: tx.now,
      reason,
      run: resumedByRun,
    }) !== undefined;
  }

  /** Resolves the open debts of a run whose tasks a retry of it runs again. @returns their tasks */
  resolveByRetry(tx: Tx, retry: { runId: string; retriedBy: string; by: string | null }): string[] {
    return this.#db.all<{ task_id: string }>(
      `UPDATE debts SET status = 'resolved', resolved_at = ?, resolved_by = ?, resumed_by_run = ?,
         reason = 'run again by a retry'
       WHERE run_id = ? AND status = 'open' RETURNING task_id`,
      tx.now,
      retry.by,
      retry.retriedBy,
      retry.runId,
    ).map(({ task_id }) => task_id);
  }
}
