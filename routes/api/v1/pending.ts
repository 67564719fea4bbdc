import { pendingView } from "../../../lib/api/dag_views.ts";
import { endpoint } from "../../../lib/api/endpoint.ts";
import { define } from "../../../lib/api/state.ts";
import { maySee } from "../../../lib/auth/principal.ts";
import { scopeKey } from "../../../lib/schema/scope.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ node, principal }) => {
    const pending = node.specs.allWaiting(node.db.now())
      .map((row) => pendingView(node, row))
      .filter((view) => maySee(principal, scopeKey(view.scope)));
    return { count: pending.length, pending };
  }),
});
