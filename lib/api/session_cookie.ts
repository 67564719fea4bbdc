/** The cookie that holds a browser's session. */
import { SESSION_MS } from "../auth/session_store.ts";
import { SESSION_COOKIE } from "./identify.ts";

/**
 * The `Set-Cookie` header that keeps a session.
 * @param secure whether people reach the node by https
 */
export function sessionCookie(session: string, { secure }: { secure: boolean }): string {
  return attributes(session, SESSION_MS / 1000) + (secure ? "; Secure" : "");
}

/** The `Set-Cookie` header that forgets a session. */
export function endedSessionCookie(): string {
  return attributes("", 0);
}

function attributes(value: string, maxAge: number): string {
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAge}`;
}
