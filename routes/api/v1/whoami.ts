import { endpoint } from "../../../lib/api/endpoint.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ node, principal }) => ({
    token_id: principal.tokenId,
    name: principal.name,
    roles: principal.roles,
    scopes: principal.scopes,
    node_id: node.config.node_id,
  })),
});
