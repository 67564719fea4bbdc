import { decisionAction } from "../../../../../lib/api/decision_action.ts";
import { define } from "../../../../../lib/api/state.ts";
import { AnswerBody } from "../../../../../lib/schema/decision.ts";

export const handler = define.handlers({
  POST: decisionAction("decision.reject", ({ body }) => ({
    answer: "reject",
    ...body(AnswerBody),
  })),
});
