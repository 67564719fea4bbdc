import { clientFor } from "../lib/api/client_for.ts";
import { requireKnownHost } from "../lib/api/host_check.ts";
import { identify } from "../lib/api/identify.ts";
import { answeringProblems } from "../lib/api/problem.ts";
import { languageOf } from "../lib/api/language.ts";
import { define } from "../lib/api/state.ts";

/**
 * Before everything else: is the request for this node, and who makes it? And after everything
 * else: whatever was thrown is answered as a problem document. (Pages have an error page of their
 * own, further in.)
 */
export default define.middleware(async (ctx) => {
  const { state, req } = ctx;
  state.requestId = crypto.randomUUID();
  state.language = languageOf(req);
  const response = await answeringProblems(state, () => {
    requireKnownHost(req, state.node);
    const who = identify(req, state.node);
    state.principal = who?.principal;
    state.fromCookie = who?.fromCookie ?? false;
    if (!ctx.url.pathname.startsWith("/api/")) state.api = clientFor(req, state.handle);
    return ctx.next();
  });
  if (response.status !== 101) response.headers.set("x-request-id", state.requestId);
  return response;
});
