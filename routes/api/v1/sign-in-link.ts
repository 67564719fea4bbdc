import { baseUrl } from "../../../lib/api/dag_views.ts";
import { endpoint } from "../../../lib/api/endpoint.ts";
import { LINK_MS } from "../../../lib/auth/session_store.ts";
import type { SignInLink } from "../../../lib/schema/api.ts";
import { define } from "../../../lib/api/state.ts";

/** A link that signs a browser in once, as the token that asks for it. */
export const handler = define.handlers({
  POST: endpoint("viewer", ({ node, principal }): SignInLink => ({
    url: `${baseUrl(node)}/sign-in?ticket=${node.sessions.createLink(principal.tokenId)}`,
    expires_in_sec: LINK_MS / 1000,
  }), { secretAnswer: true }),
});
