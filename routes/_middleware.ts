import { clientFor } from "../lib/api/client_for.ts";
import { requireKnownHost } from "../lib/api/host_check.ts";
import { identify } from "../lib/api/identify.ts";
import { problemResponse } from "../lib/api/problem.ts";
import { define } from "../lib/api/state.ts";

/** Before everything else: is the request for this node, and who makes it? */
export default define.middleware(async (ctx) => {
  const { state, req } = ctx;
  state.requestId = crypto.randomUUID();
  try {
    requireKnownHost(req, state.node);
    const who = identify(req, state.node);
    state.principal = who?.principal;
    state.fromCookie = who?.fromCookie ?? false;
  } catch (error) {
    return problemResponse(error, {
      requestId: state.requestId,
      onDefect: (defect) => state.node.report(String(defect)),
    });
  }
  if (!ctx.url.pathname.startsWith("/api/")) state.api = clientFor(req, state.handle);
  const response = await ctx.next();
  if (response.status !== 101) response.headers.set("x-request-id", state.requestId);
  return response;
});
