/**
 * Requests to a homeserver by matrix-js-sdk: the node's. The one file that imports it, and loaded only
 * where a homeserver is configured. What the SDK is used for, and why its own sync isn't, is in
 * docs/decisions/0040-two-clients.md.
 */
import { createClient, HTTPError, MatrixError, type Method } from "matrix-js-sdk";
import { withDeadline } from "./deadline.ts";
import {
  type HomeserverAnswer,
  HomeserverError,
  type HomeserverRequest,
  refusal,
  REQUEST_TIMEOUT_MS,
} from "./homeserver_request.ts";

/** It would write each request to the console. */
const SILENT = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  getChild: () => SILENT,
};

/** Requests as an account; without a token for what needs none. */
export function sdkRequest(
  { homeserver, token }: { readonly homeserver: string; readonly token?: string },
): HomeserverRequest {
  const baseUrl = homeserver.replace(/\/+$/, "");
  const client = createClient({
    baseUrl,
    logger: SILENT,
    ...(token === undefined ? {} : { accessToken: token }),
  });
  const send = token === undefined ? client.http.request : client.http.authedRequest;
  return async ({ method, path, query, body, answer, timeoutMs = REQUEST_TIMEOUT_MS, signal }) => {
    const options = {
      prefix: "",
      inhibitLogoutEmit: true,
      ...(typeof body === "string" ? { headers: { "content-type": "application/json" } } : {}),
      ...(answer === "text" ? { rawResponseBody: true } : {}),
    };
    try {
      // The SDK's own time limit would leave a timer behind for each request.
      return await withDeadline({ ms: timeoutMs, signal }, async (abortSignal) => {
        const all = { ...options, abortSignal };
        const got = await send.call(client.http, method as Method, path, query, body, all);
        return answer === "text" ? { text: await (got as Blob).text() } : got as HomeserverAnswer;
      });
    } catch (error) {
      throw homeserverError(error);
    }
  };
}

function homeserverError(error: unknown): HomeserverError {
  if (error instanceof MatrixError) {
    const retryAfter = error.httpHeaders?.get("retry-after") ?? null;
    return refusal(error.httpStatus ?? 0, error.data, retryAfter);
  }
  if (error instanceof HTTPError && error.httpStatus !== undefined) {
    return refusal(error.httpStatus, undefined, error.httpHeaders?.get("retry-after") ?? null);
  }
  const why = error instanceof Error ? error.message : String(error);
  return new HomeserverError(`the homeserver can't be reached: ${why}`);
}
