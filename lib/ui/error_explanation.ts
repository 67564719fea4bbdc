/** Errors in the words of an error page. */
import { HttpError } from "fresh";
import { ProblemError } from "../api/client.ts";
import { CisError } from "../errors.ts";

/** What an error page says. */
export interface ErrorExplanation {
  readonly status: number;
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
  if (error instanceof CisError) return explain(error.status, error.title, error.message);
  if (error instanceof ProblemError) {
    const { status, title, detail } = error.problem;
    return explain(status < 400 ? 502 : status, title, detail);
  }
  if (error instanceof HttpError && error.status === 404) {
    return explain(404, "There is no such page", "The address leads nowhere on this node.");
  }
  if (error instanceof HttpError && error.status < 500) {
    return explain(
      error.status,
      "That is not possible here",
      "The request does not fit this page.",
    );
  }
  return explain(500, "Something went wrong in the node", "The page could not be made.");
}

function explain(status: number, title: string, detail: string): ErrorExplanation {
  return { status, title, detail, advice: adviceFor(status) };
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
