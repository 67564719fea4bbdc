import { endpoint } from "../../../lib/api/endpoint.ts";
import { policyView } from "../../../lib/api/policy_view.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ node, principal }) => policyView(node, principal)),
});
