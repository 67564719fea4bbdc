/** Decisions and debts as the API shows them. */
import type { DebtView } from "../schema/debt.ts";
import type { DecisionView } from "../schema/decision.ts";
import type { DebtRow } from "./debt_store.ts";
import type { DecisionRow, DecisionStore } from "./decision_store.ts";
import { isoTime } from "./iso_time.ts";

/** A decision with its votes. */
export function decisionView(row: DecisionRow, decisions: DecisionStore): DecisionView {
  const votes = row.stakeholders === null ? [] : decisions.votes(row.decision_id);
  return {
    decision_id: row.decision_id,
    run_id: row.run_id,
    task_id: row.task_id,
    dag_id: row.dag_id,
    version: row.version,
    kind: row.kind,
    question: row.question,
    options: JSON.parse(row.options) as string[],
    default_action: row.default_action,
    stakeholders: row.stakeholders === null ? null : JSON.parse(row.stakeholders) as string[],
    threshold: row.threshold,
    created_at: isoTime(row.created_at),
    expires_at: isoTime(row.expires_at),
    status: row.status,
    decided_by: row.decided_by_name,
    decided_at: isoTime(row.decided_at),
    reason: row.reason,
    votes: votes.map((vote) => ({
      stakeholder: vote.stakeholder,
      by: vote.name,
      vote: vote.vote,
      reason: vote.reason,
      voted_at: isoTime(vote.voted_at),
    })),
  };
}

/** A debt. */
export function debtView(row: DebtRow): DebtView {
  return {
    debt_id: row.debt_id,
    run_id: row.run_id,
    task_id: row.task_id,
    dag_id: row.dag_id,
    error: row.error,
    created_at: isoTime(row.created_at),
    status: row.status,
    resolved_by: row.resolved_by_name,
    resolved_at: isoTime(row.resolved_at),
    reason: row.reason,
    resumed_by_run: row.resumed_by_run,
  };
}
