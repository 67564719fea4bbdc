import { readCookie, SESSION_COOKIE } from "../../../lib/api/identify.ts";
import { endedSessionCookie } from "../../../lib/api/session_cookie.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect("/", 303),
  POST: async (ctx) => {
    const { node } = ctx.state;
    const session = readCookie(ctx.req, SESSION_COOKIE);
    if (session !== undefined) await node.db.write((tx) => node.sessions.close(tx, session));
    const response = ctx.redirect("/sign-in", 303);
    response.headers.set("set-cookie", endedSessionCookie());
    return response;
  },
});
