import { createToken } from "../../../../lib/api/create_token.ts";
import { changeEndpoint } from "../../../../lib/api/change_endpoint.ts";
import { endpoint } from "../../../../lib/api/endpoint.ts";
import { define } from "../../../../lib/api/state.ts";
import { mayReach } from "../../../../lib/auth/principal.ts";

export const handler = define.handlers({
  GET: endpoint("admin", ({ node, principal }) => {
    const tokens = node.tokens.list().filter(({ scopes }) => mayReach(principal, scopes));
    return { count: tokens.length, next_cursor: null, tokens };
  }),
  POST: changeEndpoint({
    role: "admin",
    action: "token.create",
    status: 201,
    secretAnswer: true,
    prepare: createToken,
  }),
});
