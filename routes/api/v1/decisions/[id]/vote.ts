import { decisionAction } from "../../../../../lib/api/decision_action.ts";
import { requireSeenDecision } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { CisError } from "../../../../../lib/errors.ts";
import { VoteBody } from "../../../../../lib/schema/decision.ts";

export const handler = define.handlers({
  POST: decisionAction("decision.vote", (call) => {
    const { vote: answer, reason } = call.body(VoteBody);
    const { kind, task_id } = requireSeenDecision(call);
    if (kind === "arbitrated") return { answer, reason };
    throw new CisError(
      "invalid_state",
      `nobody votes about "${task_id}": approve or reject it`,
    );
  }),
});
