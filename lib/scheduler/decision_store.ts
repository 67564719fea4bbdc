/** Decisions about tasks that are about to start: rows of `decisions` and `decision_votes`. */
import { v7 as uuid } from "uuid";
import type { Database, SqlValue, Tx } from "../db/database.ts";
import { toDbFields } from "../schema/scope.ts";
import type { DecisionKind, DecisionState } from "../schema/states.ts";
import type { ScopeCount } from "./spec_store.ts";
import type { DagSpec } from "../schema/dag_spec.ts";

/** A decision as stored, with the name of who decided. */
export interface DecisionRow {
  readonly decision_id: string;
  readonly run_id: string;
  readonly task_index: number;
  readonly task_id: string;
  readonly dag_id: string;
  readonly version: number;
  readonly scope_type: string;
  readonly scope_id: string | null;
  readonly kind: DecisionKind;
  readonly question: string;
  readonly options: string;
  readonly default_action: "execute" | "skip" | "abort" | "fail";
  readonly stakeholders: string | null;
  readonly threshold: number | null;
  readonly created_at: number;
  readonly expires_at: number;
  readonly status: DecisionState;
  readonly decided_by: string | null;
  readonly decided_by_name: string | null;
  readonly decided_at: number | null;
  readonly reason: string | null;
}

/** One vote, with the name of the token that gave it. */
export interface VoteRow {
  readonly decision_id: string;
  readonly stakeholder: string;
  readonly token_id: string;
  readonly name: string;
  readonly vote: "approve" | "reject";
  readonly reason: string | null;
  readonly voted_at: number;
}

/** What a new decision is about. */
export interface NewDecision {
  readonly runId: string;
  readonly spec: DagSpec;
  readonly version: number;
  readonly taskIndex: number;
  readonly kind: DecisionKind;
  readonly question: string;
  readonly options: readonly string[];
  readonly defaultAction: DecisionRow["default_action"];
  readonly stakeholders: readonly string[] | null;
  readonly threshold: number | null;
  readonly expiresAt: number;
}

/** Which decisions to list; absent: all. */
export interface DecisionFilter {
  readonly status?: DecisionState;
  readonly runId?: string;
  /** Behind this one in the list, newest first. */
  readonly before?: { readonly createdAt: number; readonly decisionId: string };
  readonly limit: number;
}

const SELECT = `SELECT d.*, t.name AS decided_by_name FROM decisions d
  LEFT JOIN tokens t ON t.token_id = d.decided_by`;

export class DecisionStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Stores an open decision. @returns its id */
  open(tx: Tx, decision: NewDecision): string {
    const { spec, taskIndex } = decision;
    const { scope_type, scope_id } = toDbFields(spec.scope);
    const decisionId = `decision-${uuid()}`;
    this.#db.run(
      `INSERT INTO decisions (decision_id, run_id, task_index, task_id, dag_id, version, scope_type,
        scope_id, kind, question, options, default_action, stakeholders, threshold, created_at,
        expires_at, status) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'open')`,
      decisionId,
      decision.runId,
      taskIndex,
      spec.tasks[taskIndex]?.id ?? "",
      spec.dag_id,
      decision.version,
      scope_type,
      scope_id,
      decision.kind,
      decision.question,
      JSON.stringify(decision.options),
      decision.defaultAction,
      decision.stakeholders === null ? null : JSON.stringify(decision.stakeholders),
      decision.threshold,
      tx.now,
      decision.expiresAt,
    );
    return decisionId;
  }

  /** One decision. */
  load(decisionId: string): DecisionRow | undefined {
    return this.#db.get<DecisionRow>(`${SELECT} WHERE d.decision_id = ?`, decisionId);
  }

  /** Decisions, newest first. */
  list(filter: DecisionFilter): DecisionRow[] {
    const where: string[] = ["1"];
    const values: SqlValue[] = [];
    if (filter.status !== undefined) {
      where.push("d.status = ?");
      values.push(filter.status);
    }
    if (filter.runId !== undefined) {
      where.push("d.run_id = ?");
      values.push(filter.runId);
    }
    if (filter.before !== undefined) {
      where.push("(d.created_at, d.decision_id) < (?, ?)");
      values.push(filter.before.createdAt, filter.before.decisionId);
    }
    return this.#db.all<DecisionRow>(
      `${SELECT} WHERE ${where.join(" AND ")}
       ORDER BY d.created_at DESC, d.decision_id DESC LIMIT ?`,
      ...values,
      filter.limit,
    );
  }

  /** How many decisions can be answered, by scope. */
  countOpen(now: number): ScopeCount[] {
    return this.#db.all<ScopeCount>(
      `SELECT scope_type, scope_id, count(*) AS count FROM decisions
       WHERE status = 'open' AND expires_at > ? GROUP BY scope_type, scope_id`,
      now,
    );
  }

  /** All decisions of a run, by task and time. */
  ofRun(runId: string): DecisionRow[] {
    return this.#db.all<DecisionRow>(
      `${SELECT} WHERE d.run_id = ? ORDER BY d.task_index, d.created_at, d.decision_id`,
      runId,
    );
  }

  /** The votes of a decision, in the order in which they were given. */
  votes(decisionId: string): VoteRow[] {
    return this.#db.all<VoteRow>(
      `SELECT v.*, t.name FROM decision_votes v JOIN tokens t USING (token_id)
       WHERE v.decision_id = ? ORDER BY v.voted_at, v.stakeholder`,
      decisionId,
    );
  }

  /** Closes the open decision of a task that nobody waits for any more. @returns it, if any */
  withdraw(tx: Tx, runId: string, taskIndex: number): { decision_id: string } | undefined {
    return this.#db.get(
      `UPDATE decisions SET status = 'withdrawn', decided_at = ?
       WHERE run_id = ? AND task_index = ? AND status = 'open' RETURNING decision_id`,
      tx.now,
      runId,
      taskIndex,
    );
  }

  /**
   * Closes the one that is the first of those whose time is over. One by one: what follows from it may
   * withdraw others. @returns its id
   */
  expireNext(tx: Tx): string | undefined {
    return this.#db.get<{ decision_id: string }>(
      `UPDATE decisions SET status = 'expired', decided_at = ?
       WHERE decision_id = (SELECT decision_id FROM decisions
         WHERE status = 'open' AND expires_at <= ? ORDER BY expires_at, decision_id LIMIT 1)
       RETURNING decision_id`,
      tx.now,
      tx.now,
    )?.decision_id;
  }

  /** When the next open decision expires; null when none is open. */
  nextExpiry(): number | null {
    return this.#db.get<{ at: number | null }>(
      "SELECT min(expires_at) AS at FROM decisions WHERE status = 'open'",
    )?.at ?? null;
  }
}
