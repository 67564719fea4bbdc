import { changeEndpoint } from "../../../../lib/api/change_endpoint.ts";
import { endpoint } from "../../../../lib/api/endpoint.ts";
import { revokeToken } from "../../../../lib/api/revoke_token.ts";
import { define } from "../../../../lib/api/state.ts";
import { requireReach } from "../../../../lib/auth/principal.ts";

export const handler = define.handlers({
  GET: endpoint("admin", ({ node, principal, param }) => {
    const token = node.tokens.get(param("id"));
    requireReach(principal, token.scopes);
    return token;
  }),
  DELETE: changeEndpoint({
    role: "admin",
    action: "token.revoke",
    target: ({ param }) => param("id"),
    prepare: revokeToken,
  }),
});
