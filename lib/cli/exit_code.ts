/** Exit codes of the CLI (contract §6). */
import type { ProblemDocument } from "../schema/api.ts";
import { UNEXPECTED_ANSWER, UNREACHABLE } from "../api/client_request.ts";

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  notAllowed: 5,
  unreachable: 6,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  [UNREACHABLE]: EXIT.unreachable,
  [UNEXPECTED_ANSWER]: EXIT.unreachable,
  misdirected_host: EXIT.unreachable,
  not_ready: EXIT.unreachable,
  node_unreachable: EXIT.unreachable,
  room_unavailable: EXIT.unreachable,
  // What the command was given is at fault, not what is in the DAG.
  invalid_request: EXIT.usage,
};

const BY_STATUS: Readonly<Record<number, number>> = {
  401: EXIT.notAllowed,
  403: EXIT.notAllowed,
  404: EXIT.notFound,
  409: EXIT.conflict,
  410: EXIT.conflict,
};

/** The exit code that tells a script what kind of problem it was. */
export function exitCodeOf(problem: Pick<ProblemDocument, "code" | "status">): number {
  return BY_CODE[problem.code] ?? BY_STATUS[problem.status] ?? EXIT.failed;
}
