/** Errors in the words of an error page. */
import { HttpError } from "fresh";
import { ProblemError } from "../api/client.ts";
import { CisError } from "../errors.ts";

/** What an error page says. */
export interface ErrorExplanation {
  readonly status: number;
  /** Stable, as in the API's problem documents. */
  readonly code: string;
  readonly title: string;
  /** What happened, to what. */
  readonly detail: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Whether an error is the node's own fault and belongs into its log. */
export function isDefect(error: unknown): boolean {
  if (error instanceof ProblemError) return false; // The API has written its own defects down.
  return !(error instanceof CisError) && !(error instanceof HttpError && error.status < 500);
}

/** Explains an error without showing anything of it that isn't meant for its reader. */
export function explainError(error: unknown): ErrorExplanation {
  if (error instanceof CisError) return explain(error, error.title, error.message);
  if (error instanceof ProblemError) {
    const { status, code, title, detail } = error.problem;
    return explain({ status: status < 400 ? 502 : status, code }, title, detail);
  }
  if (error instanceof HttpError && error.status === 404) {
    const detail = "The address leads nowhere on this node.";
    return explain({ status: 404, code: "not_found" }, "There is no such page", detail);
  }
  if (error instanceof HttpError && error.status < 500) {
    return explain(
      { status: error.status, code: "invalid_request" },
      "That is not possible here",
      "The request does not fit this page.",
    );
  }
  const title = "Something went wrong in the node";
  return explain({ status: 500, code: "internal_error" }, title, "The page could not be made.");
}

function explain(
  { status, code }: { status: number; code: string },
  title: string,
  detail: string,
): ErrorExplanation {
  return { status, code, title, detail, advice: adviceFor(status) };
}

function adviceFor(status: number): string {
  if (status >= 500) {
    return "Try again in a moment. If it stays, the node's log has the reason under the request " +
      "that is named below.";
  }
  if (status === 403) return "Ask an admin for a token that may do this, then sign in with it.";
  if (status === 404) return "Check the address, or start again from one of the lists above.";
  if (status === 409 || status === 410) return "Go back, load the page again and look at it anew.";
  return "Go back and try it again.";
}
