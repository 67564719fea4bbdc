/** How a decision about a task is told of in a room: what is asked, and what was answered. */
import type { DecisionView } from "../schema/decision.ts";
import { bold, code, lines, list, moment, type NoticeText, say } from "./notice_text.ts";

export function decisionNotice(view: DecisionView): NoticeText {
  const { task_id, dag_id, run_id, question, votes, status } = view;
  return lines(
    say`${HEADS[status]} ${bold(task_id)} of ${dag_id}: ${stateOf(view)}`,
    say`${question}`,
    whoVotes(view),
    votes.length === 0
      ? undefined
      : list(votes.map(({ stakeholder, vote }) => say`${VOTES[vote]} ${stakeholder}`)),
    say`run ${code(run_id)}, decision ${code(view.decision_id)}`,
    status === "open" ? say`React with ✅ for yes, with ❌ for no.` : undefined,
  );
}

const HEADS = {
  open: "❓",
  approved: "✅",
  rejected: "❌",
  expired: "⌛",
  withdrawn: "↪",
} as const;
const VOTES = { approve: "✅", reject: "❌" } as const;

const WITHOUT_ANSWER = {
  execute: "then it starts",
  skip: "then it is skipped",
  abort: "then the run is ended",
  fail: "no answer is a no",
} as const;

function stateOf(view: DecisionView): NoticeText {
  const by = view.decided_by === null ? "" : ` by ${view.decided_by}`;
  const why = view.reason === null ? "" : `: ${view.reason}`;
  switch (view.status) {
    case "open":
      return say`to be decided until ${moment(view.expires_at)}; ${
        WITHOUT_ANSWER[view.default_action]
      }`;
    case "expired":
      return say`nobody decided in time`;
    case "withdrawn":
      return say`nobody has to decide any more`;
    default:
      return say`${view.status}${by}${why}`;
  }
}

function whoVotes({ stakeholders, threshold }: DecisionView): NoticeText | undefined {
  if (stakeholders === null) return undefined;
  return say`${threshold ?? stakeholders.length} of ${stakeholders.join(", ")} have to agree`;
}
