/** Who makes a request: by `Authorization: Bearer`, or by the session cookie of a browser. */
import type { Principal } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import type { Node } from "../node.ts";

export const SESSION_COOKIE = "cis_session";

/** Methods that change nothing. */
const SAFE_METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** The value of a cookie, or undefined. */
export function readCookie(request: Request, name: string): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return value.join("=");
  }
  return undefined;
}

/**
 * Finds out who asks.
 * @returns undefined when nobody is named
 * @throws {CisError} `unauthenticated` for a token that is no good, `cross_origin` for a change that
 *   another site's page asks for with this browser's cookie
 */
export function identify(
  request: Request,
  node: Node,
): { principal: Principal; fromCookie: boolean } | undefined {
  const header = request.headers.get("authorization");
  if (header !== null) {
    const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
    const principal = token === undefined ? undefined : node.tokens.verify(token);
    if (principal !== undefined) return { principal, fromCookie: false };
    throw new CisError(
      "unauthenticated",
      "the token is unknown, expired or revoked, or not of the form " +
        `"Bearer did:cis:${node.config.node_id}:<secret>"; ask an admin for one`,
    );
  }
  const session = readCookie(request, SESSION_COOKIE);
  if (session === undefined) return undefined;
  const tokenId = node.sessions.tokenOf(session);
  const principal = tokenId === undefined ? undefined : node.tokens.principal(tokenId);
  if (principal === undefined) return undefined;
  if (!SAFE_METHODS.includes(request.method)) requireSameOrigin(request);
  return { principal, fromCookie: true };
}

/**
 * Throws unless a request comes from a page of this very site.
 * @throws {CisError} `cross_origin`
 */
export function requireSameOrigin(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const own = request.headers.get("host");
  const sameHost = origin !== null && URL.canParse(origin) && new URL(origin).host === own;
  if (site === null && sameHost) return;
  if (site === "same-origin" && (origin === null || sameHost)) return;
  throw new CisError(
    "cross_origin",
    "this change was asked for by a page of another site, or the browser doesn't say by which; " +
      "use the dashboard itself, or a token",
  );
}
