/** Errors as `application/problem+json` (RFC 9457). */
import { HttpError } from "fresh";
import { CisError, type ErrorCode } from "../errors.ts";
import { withoutSecrets } from "../schema/redact.ts";
import type { State } from "./state.ts";

/** Answers with what `next` does, or with a problem document for what it throws. */
export async function answeringProblems(
  { node, requestId }: Pick<State, "node" | "requestId">,
  next: () => Response | Promise<Response>,
): Promise<Response> {
  try {
    return await next();
  } catch (error) {
    return problemResponse(error, {
      requestId,
      onAnswer: (code) => node.refusals.count(code),
      onDefect: (defect) => node.report(`request ${requestId}: ${describe(defect)}`),
    });
  }
}

function describe(defect: unknown): string {
  return defect instanceof Error ? defect.stack ?? defect.message : String(defect);
}

/**
 * The answer for an error. What isn't meant for whoever asked stays inside: they get its
 * `request_id`, under which the node's own log has the rest.
 */
export function problemResponse(
  error: unknown,
  context: {
    readonly requestId: string;
    /** Told the code that is answered. */
    readonly onAnswer: (code: ErrorCode) => void;
    /** Told of errors that are the node's own fault. */
    readonly onDefect: (error: unknown) => void;
  },
): Response {
  const known = asCisError(error);
  if (known === undefined) context.onDefect(error);
  const shown = known ?? new CisError(
    "internal_error",
    `the node could not do this; its log has the reason under request ${context.requestId}`,
  );
  context.onAnswer(shown.code);
  const headers = new Headers({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  });
  if (shown.code === "unauthenticated") headers.set("www-authenticate", 'Bearer realm="cis"');
  const document = {
    ...shown.data,
    type: `/docs/errors#${shown.code}`,
    title: shown.title,
    status: shown.status,
    detail: shown.message,
    code: shown.code,
    request_id: context.requestId,
    ...(shown.errors.length === 0 ? {} : { errors: shown.errors }),
  };
  const text = withoutSecrets(JSON.stringify(document));
  return new Response(text, { status: shown.status, headers });
}

function asCisError(error: unknown): CisError | undefined {
  if (error instanceof CisError) return error;
  if (!(error instanceof HttpError)) return undefined;
  const code = HTTP_CODES[error.status];
  return code === undefined ? undefined : new CisError(code, HTTP_MESSAGES[code] ?? error.message);
}

const HTTP_CODES: Readonly<Record<number, ErrorCode>> = {
  404: "not_found",
  405: "method_not_allowed",
};
const HTTP_MESSAGES: Partial<Record<ErrorCode, string>> = {
  not_found: "there is nothing at this address; docs/api.md lists what there is",
  method_not_allowed: "this address does not take that method; see the Allow header",
};
