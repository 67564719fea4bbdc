/** Decisions about tasks that are about to start, as the API takes and shows them (contract §3). */
import { z } from "zod";
import { DecisionKind, DecisionState } from "./states.ts";

const Time = z.string();
const MAX_REASON = 4000;

const Vote = z.enum(["approve", "reject"]);
const Reason = z.string().trim().min(1).max(MAX_REASON);

export const VoteView = z.object({
  stakeholder: z.string(),
  /** Name of the token that voted. */
  by: z.string(),
  vote: Vote,
  reason: z.string().nullable(),
  voted_at: Time,
});
export type VoteView = z.infer<typeof VoteView>;

export const DecisionView = z.object({
  decision_id: z.string(),
  run_id: z.string(),
  task_id: z.string(),
  dag_id: z.string(),
  version: z.int(),
  kind: DecisionKind,
  question: z.string(),
  /** What can be answered: `approve` and `reject`, or `vote`. */
  options: z.array(z.string()),
  /** What happens without an answer; `fail`: the task fails. */
  default_action: z.enum(["execute", "skip", "abort", "fail"]),
  /** Who votes; null where everybody may answer who decides. */
  stakeholders: z.array(z.string()).nullable(),
  threshold: z.int().nullable(),
  created_at: Time,
  expires_at: Time,
  status: DecisionState,
  decided_by: z.string().nullable(),
  decided_at: Time.nullable(),
  reason: z.string().nullable(),
  votes: z.array(VoteView),
});
export type DecisionView = z.infer<typeof DecisionView>;

export const DecisionList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  decisions: z.array(DecisionView),
});
export type DecisionList = z.infer<typeof DecisionList>;

/** Body of approve and reject. */
export const AnswerBody = z.strictObject({ reason: Reason.optional() });
/** Body of a vote. */
export const VoteBody = z.strictObject({ vote: Vote, reason: Reason.optional() });

/** Answer to approve, reject and vote. */
export const DecisionAnswer = z.object({
  success: z.literal(true),
  decision_id: z.string(),
  run_id: z.string(),
  task_id: z.string(),
  status: DecisionState,
  message: z.string(),
});
export type DecisionAnswer = z.infer<typeof DecisionAnswer>;
