import { endpoint } from "../../../lib/api/endpoint.ts";
import { define } from "../../../lib/api/state.ts";
import { limitsInForce } from "../../../lib/worker/limits_in_force.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ node }) => {
    const limits = limitsInForce(node.machine);
    return { count: limits.length, next_cursor: null, limits };
  }),
});
