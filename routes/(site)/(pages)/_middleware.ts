import { requireSameOrigin } from "../../../lib/api/identify.ts";
import { define } from "../../../lib/api/state.ts";
import { bouncePage, comesFromElsewhere } from "../../../lib/ui/bounce_page.ts";

/** Pages are for people who are signed in, and only this site's own forms change anything. */
export default define.middleware((ctx) => {
  const { req, url, state } = ctx;
  // Who can't read the form can choose another language before signing in.
  const isOpen = url.pathname === "/sign-in" || url.pathname === "/language";
  const reads = req.method === "GET" || req.method === "HEAD";
  if (!reads) requireSameOrigin(req);
  if (state.principal !== undefined || isOpen) return ctx.next();
  if (reads && comesFromElsewhere(req)) return bouncePage(url);
  const next = reads && url.pathname !== "/"
    ? `?next=${encodeURIComponent(url.pathname + url.search)}`
    : "";
  return ctx.redirect(`/sign-in${next}`, 303);
});
