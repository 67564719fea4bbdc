/** Shows decisions: what is asked, how long it can be answered, what became of it. */
import type { DecisionView } from "../schema/decision.ts";
import type { CliContext } from "./context.ts";
import { stateText } from "./state_text.ts";
import { durationText, momentText } from "./time_text.ts";

const DEFAULTS = {
  execute: "the task runs",
  skip: "the task is skipped",
  abort: "the run is aborted",
  fail: "the task fails",
} as const;

/** What became of a decision, or what is to become of it. */
export function courseOf(decision: DecisionView): string {
  const { status, decided_by, decided_at, reason, expires_at, default_action } = decision;
  if (status === "open") {
    return `open until ${momentText(expires_at)}, then ${DEFAULTS[default_action]}`;
  }
  const who = decided_by === null ? "" : ` by ${decided_by}`;
  const when = decided_at === null ? "" : ` at ${momentText(decided_at)}`;
  return `${status}${who}${when}${reason === null ? "" : `: ${reason}`}`;
}

/** A decision with everything about it. */
export function showDecision({ out, now, nodeFlags }: CliContext, decision: DecisionView): void {
  const { decision_id, stakeholders, threshold } = decision;
  out.line(`${out.paint("bold", decision.question)}  ${stateText(out, decision.status)}`);
  out.fields([
    ["decision", decision_id],
    ["run", decision.run_id],
    ["task", decision.task_id],
    ["dag", `${decision.dag_id} v${decision.version}`],
    ["level", decision.kind],
    ["votes", stakeholders === null ? null : `${threshold} of ${stakeholders.join(", ")}`],
    ["state", courseOf(decision)],
    ["time left", decision.status === "open" ? leftText(decision, now()) : null],
  ]);
  for (const { stakeholder, vote, reason } of decision.votes) {
    out.line(`  ${stakeholder}: ${vote}${reason === null ? "" : `, ${reason}`}`);
  }
  if (decision.status !== "open") return;
  const yes = stakeholders === null ? "approve" : "vote";
  const no = stakeholders === null ? "reject" : "vote";
  const against = stakeholders === null ? "" : " --against";
  out.note(`Yes:  deno task decision ${yes} ${decision_id}${nodeFlags}`);
  out.note(`No:   deno task decision ${no} ${decision_id}${against}${nodeFlags}`);
}

/** How long a decision can still be answered. */
export function leftText({ expires_at }: DecisionView, now: number): string {
  return durationText(Math.max(0, Date.parse(expires_at) - now));
}
