/** Endpoints that answer a decision: alike but for what they answer. */
import type { Context } from "fresh";
import { answerDecision } from "../scheduler/answer_decision.ts";
import type { DecisionAnswer } from "../schema/decision.ts";
import { type Call, endpoint } from "./endpoint.ts";
import { requireSeenDecision } from "./require_seen.ts";
import type { State } from "./state.ts";

/** What is answered. */
export interface DecisionReply {
  readonly answer: "approve" | "reject";
  readonly reason?: string | undefined;
}

/**
 * Makes the endpoint: for approvers, audited.
 * @param action for the audit log, such as "decision.approve"
 */
export function decisionAction(
  action: string,
  reply: (call: Call) => DecisionReply,
): (ctx: Context<State>) => Promise<Response> {
  return endpoint("approver", async (call): Promise<DecisionAnswer> => {
    const { node, principal } = call;
    const { decision_id, run_id, task_id } = requireSeenDecision(call);
    const { answer, reason } = reply(call);
    const row = await node.db.write((tx) => {
      const decided = answerDecision(tx, node, {
        decisionId: decision_id,
        answer,
        by: principal.tokenId,
        ...(reason === undefined ? {} : { reason }),
        separationOfDuties: node.config.separation_of_duties,
      });
      node.audit.append(tx, {
        tokenId: principal.tokenId,
        action,
        target: decision_id,
        outcome: "done",
        detail: { run_id, task_id, answer, status: decided.status, ...(reason && { reason }) },
      });
      return decided;
    });
    return {
      success: true,
      decision_id,
      run_id,
      task_id,
      status: row.status,
      message: row.status === "open"
        ? `Your vote about "${task_id}" counts; the decision is still open.`
        : `The task "${task_id}" of ${run_id} is ${row.status}.`,
    };
  });
}
