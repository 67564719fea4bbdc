/** Which refused decisions the pages of what waits show by itself. */
import { ProblemError } from "../api/client.ts";
import type { ProblemDocument } from "../schema/api.ts";

const SHOWN: readonly string[] = [
  "content_changed",
  "confirmation_expired",
  "already_decided",
  "nothing_waiting",
  "invalid_request",
  "separation_of_duties",
  "decision_expired",
  "not_a_stakeholder",
];

/**
 * The refusal, when looking again is what to do about it.
 * @throws {ProblemError} for all others, which have the error page
 */
export function shownRefusal(problem: ProblemDocument): ProblemDocument {
  if (SHOWN.includes(problem.code)) return problem;
  throw new ProblemError(problem);
}
