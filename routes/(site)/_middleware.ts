import { csp } from "fresh";
import { define } from "../../lib/api/state.ts";

const HEADERS = {
  // Not "no-referrer": with that, browsers send "Origin: null" with this site's own forms.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
} as const;

/** Headers of every page, error pages included: those belong to the folder inside this one. */
export default define.middleware([
  async (ctx) => {
    const response = await ctx.next();
    for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
    if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
    correctPolicy(response.headers);
    return response;
  },
  csp({
    useNonce: true,
    csp: ["base-uri 'none'", "frame-ancestors 'none'", "worker-src 'none'", "media-src 'none'"],
  }),
]);

/**
 * Takes two things out of what `csp()` says. It asks browsers to fetch everything by https: a node
 * without a certificate speaks http, and where a browser takes the request at its word, the
 * stylesheet and every form would fail. And what is no rendered page has no nonce in the place of
 * `'unsafe-inline'`: nothing inline is allowed there.
 */
function correctPolicy(headers: Headers): void {
  const policy = (headers.get("content-security-policy") ?? "").split("; ")
    .filter((directive) => directive !== "upgrade-insecure-requests")
    .map((directive) => directive.replace(" 'unsafe-inline'", ""));
  headers.set("content-security-policy", policy.join("; "));
}
