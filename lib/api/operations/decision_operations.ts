/** What a run asks people: decisions about tasks, and debts that somebody has to settle. */
import { z } from "zod";
import { DebtAnswer, DebtList, ResolveBody } from "../../schema/debt.ts";
import {
  AnswerBody,
  DecisionAnswer,
  DecisionList,
  DecisionView,
  VoteBody,
} from "../../schema/decision.ts";
import { DebtState, DecisionState } from "../../schema/states.ts";
import { type Operation, PAGE } from "../operation.ts";

const ANSWER_ERRORS = [
  "decision_not_found",
  "already_decided",
  "decision_expired",
  "separation_of_duties",
  "not_a_stakeholder",
] as const;

export const DECISION_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/api/v1/decisions",
    id: "list_decisions",
    role: "viewer",
    summary: "What was asked about tasks that were about to start, newest first",
    query: { status: DecisionState, run: z.string().describe("Id of a run"), ...PAGE },
    answer: DecisionList,
    tool: "List the decisions that tasks wait for or waited for, with who decided, when and why.",
  },
  {
    method: "GET",
    path: "/api/v1/decisions/{id}",
    id: "get_decision",
    role: "viewer",
    summary: "One decision with its votes",
    answer: DecisionView,
    errors: ["decision_not_found"],
  },
  {
    method: "POST",
    path: "/api/v1/decisions/{id}/approve",
    id: "approve_decision",
    role: "approver",
    summary: "Lets a task start; a vote for it, where stakeholders vote",
    body: AnswerBody,
    answer: DecisionAnswer,
    errors: ANSWER_ERRORS,
  },
  {
    method: "POST",
    path: "/api/v1/decisions/{id}/reject",
    id: "reject_decision",
    role: "approver",
    summary: "Doesn't let a task start; a vote against it, where stakeholders vote",
    body: AnswerBody,
    answer: DecisionAnswer,
    errors: ANSWER_ERRORS,
  },
  {
    method: "POST",
    path: "/api/v1/decisions/{id}/vote",
    id: "vote_decision",
    role: "approver",
    summary: "The vote of a stakeholder about a task",
    body: VoteBody,
    answer: DecisionAnswer,
    errors: [...ANSWER_ERRORS, "invalid_state"],
  },
  {
    method: "GET",
    path: "/api/v1/debts",
    id: "list_debts",
    role: "viewer",
    summary: "Failures that were allowed to pass, newest first",
    query: {
      status: DebtState,
      run: z.string().describe("Id of a run"),
      dag_id: z.string(),
      ...PAGE,
    },
    answer: DebtList,
    tool: "List the failures that were allowed to pass, and what became of each.",
  },
  {
    method: "POST",
    path: "/api/v1/debts/{id}/resolve",
    id: "resolve_debt",
    role: "approver",
    summary: "Settles a debt, with a reason and where wanted by running its task again",
    body: ResolveBody,
    answer: DebtAnswer,
    errors: ["debt_not_found", "already_decided", "run_not_finished", "invalid_state"],
  },
];
