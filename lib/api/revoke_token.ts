/** DELETE /tokens/{id}: a token and the sessions that it opened end at once. */
import { requireReach } from "../auth/principal.ts";
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import type { TokenView } from "../schema/api.ts";
import type { Done } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";

/** @throws {CisError} in the transaction: `token_not_found`, `scope_not_allowed`, `invalid_state` */
export function revokeToken(call: Call): (tx: Tx) => Done<TokenView> {
  const { node, principal } = call;
  const tokenId = call.param("id");
  return (tx) => {
    requireReach(principal, node.tokens.get(tokenId).scopes);
    const view = node.tokens.revoke(tx, tokenId);
    if (node.tokens.countAdmins(tx.now) === 0) {
      throw new CisError(
        "invalid_state",
        `"${view.name}" is the last token with the role admin for every scope; without it nobody could manage the ` +
          "node: make another admin first",
      );
    }
    return { answer: view };
  };
}
