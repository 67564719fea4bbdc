/**
 * Requests to a homeserver by plain `fetch`: what workers use, since the whole SDK would cost each of
 * them 31 MB and a quarter of a second (docs/decisions/0040-two-clients.md).
 */
import { withDeadline } from "./deadline.ts";
import {
  type HomeserverAnswer,
  type HomeserverCall,
  HomeserverError,
  type HomeserverRequest,
  refusal,
  REQUEST_TIMEOUT_MS,
} from "./homeserver_request.ts";

/** Requests with an account's token; without one for what needs none. */
export function fetchRequest(
  { homeserver, token }: { readonly homeserver: string; readonly token?: string },
): HomeserverRequest {
  const base = homeserver.replace(/\/+$/, "");
  const headers: Record<string, string> = token === undefined
    ? {}
    : { authorization: `Bearer ${token}` };
  return ({ method, path, query, body, answer, timeoutMs = REQUEST_TIMEOUT_MS, signal }) =>
    withDeadline({ ms: timeoutMs, signal }, async (ending) => {
      const response = await reach(`${base}${path}${queryText(query)}`, {
        method,
        headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
        ...(body === undefined
          ? {}
          : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        signal: ending,
      });
      return await readAnswer(response, answer);
    });
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw unreached(error);
  }
}

async function readAnswer(
  response: Response,
  kind: HomeserverCall["answer"],
): Promise<HomeserverAnswer> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw unreached(error);
  }
  if (response.ok && kind === "text") return { text };
  const body = parse(text);
  if (response.ok && typeof body === "object" && body !== null) return body as HomeserverAnswer;
  if (!response.ok) throw refusal(response.status, body, response.headers.get("retry-after"));
  throw new HomeserverError("what answers there is no homeserver: its answer is not JSON");
}

function unreached(error: unknown): HomeserverError {
  const why = error instanceof Error ? error.message : String(error);
  return new HomeserverError(`the homeserver can't be reached: ${why}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, as the error page of a proxy; the status says the rest.
    return undefined;
  }
}

function queryText(query: HomeserverCall["query"]): string {
  return query === undefined ? "" : `?${new URLSearchParams(query)}`;
}
