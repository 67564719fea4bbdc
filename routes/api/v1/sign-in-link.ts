import { baseUrl } from "../../../lib/api/dag_views.ts";
import { endpoint } from "../../../lib/api/endpoint.ts";
import { define } from "../../../lib/api/state.ts";

/** A link that signs a browser in once, as the token that asks for it. */
export const handler = define.handlers({
  POST: endpoint("viewer", ({ node, principal }) => ({
    url: `${baseUrl(node)}/sign-in?ticket=${node.sessions.createLink(principal.tokenId)}`,
  }), { secretAnswer: true }),
});
