import { analyze } from "../../../../../lib/api/analyze.ts";
import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireDag } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: endpoint("viewer", (call) => analyze(call.node, requireDag(call))),
});
