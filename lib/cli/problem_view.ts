/** Shows problems to people: what happened, where, and what to do. */
import type { ProblemDocument } from "../schema/api.ts";
import { UNREACHABLE } from "../api/client_request.ts";
import type { Output } from "./output.ts";

const ADVICE: Readonly<Record<string, string>> = {
  [UNREACHABLE]: "Is the node running? Start it with: deno task start\n" +
    "For one that was started with --data-dir set CIS_DATA_DIR to the same directory; for one elsewhere " +
    "set CIS_URL or give --url.",
  unauthenticated: "Set CIS_TOKEN or give --token-file. The token of the node's owner is in " +
    "owner.token in its data directory, which CIS_DATA_DIR names if it isn't .cis.",
  confirmation_expired: "Publish it again for a new confirmation.",
};

/** Writes a problem: the document for programs, sentences for people. */
export function showProblem(out: Output, problem: ProblemDocument): void {
  if (out.json) return out.document(problem);
  const errors = problem.errors ?? [];
  // Where each problem is listed, the detail would only repeat the first.
  const summary = errors.length > 0 ? `${problem.title}:` : problem.detail || problem.title;
  out.note(`${out.paint("red", "error:")} ${summary}`);
  showErrors(out, errors);
  for (const advice of (ADVICE[problem.code] ?? "").split("\n")) if (advice) out.note(advice);
  if (problem.status >= 500 && problem.request_id) {
    out.note(`The node's log has more about request ${problem.request_id}.`);
  }
}

function showErrors(out: Output, errors: NonNullable<ProblemDocument["errors"]>): void {
  for (const { path, message } of errors) {
    out.note(`  ${out.paint("yellow", path === "" ? "(document)" : path)}  ${message}`);
  }
}
