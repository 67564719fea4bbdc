import { endpoint } from "../../../../lib/api/endpoint.ts";
import { revokeToken } from "../../../../lib/api/revoke_token.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("admin", ({ node, param }) => node.tokens.get(param("id"))),
  DELETE: endpoint("admin", revokeToken),
});
