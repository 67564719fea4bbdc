/** Signs a browser in as a token. */
import type { Node } from "../node.ts";
import { sessionCookie } from "./session_cookie.ts";

/**
 * Opens a session and notes it in the audit log.
 * @param how "token" or "link"
 * @returns the `Set-Cookie` header for it
 */
export async function openSession(
  node: Node,
  { tokenId, how }: { tokenId: string; how: "token" | "link" },
): Promise<string> {
  const session = await node.db.write((tx) => {
    node.audit.append(tx, {
      tokenId,
      action: "session.open",
      target: tokenId,
      outcome: "done",
      detail: { how },
    });
    return node.sessions.open(tx, tokenId);
  });
  return sessionCookie(session, { secure: node.config.public_url?.startsWith("https:") ?? false });
}
