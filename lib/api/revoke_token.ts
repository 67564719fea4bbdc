/** DELETE /tokens/{id}: a token and the sessions that it opened end at once. */
import { requireReach } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import type { Call } from "./endpoint.ts";

export async function revokeToken(call: Call): Promise<unknown> {
  const { node, principal } = call;
  const tokenId = call.param("id");
  return await node.db.write((tx) => {
    requireReach(principal, node.tokens.get(tokenId).scopes);
    const view = node.tokens.revoke(tx, tokenId);
    if (node.tokens.countAdmins(tx.now) === 0) {
      throw new CisError(
        "invalid_state",
        `"${view.name}" is the last token with the role admin for every scope; without it nobody could manage the ` +
          "node: make another admin first",
      );
    }
    node.audit.append(tx, {
      tokenId: principal.tokenId,
      action: "token.revoke",
      target: tokenId,
      outcome: "done",
    });
    return view;
  });
}
