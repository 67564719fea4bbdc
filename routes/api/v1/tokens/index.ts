import { createToken } from "../../../../lib/api/create_token.ts";
import { endpoint } from "../../../../lib/api/endpoint.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("admin", ({ node }) => {
    const tokens = node.tokens.list();
    return { count: tokens.length, next_cursor: null, tokens };
  }),
  POST: endpoint("admin", createToken, { secretAnswer: true }),
});
