import { dagView } from "../../../../../lib/api/dag_views.ts";
import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireDag } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { versionParam } from "../../../../../lib/api/version_param.ts";

export const handler = define.handlers({
  GET: endpoint(
    "viewer",
    (call) => dagView(call.node, requireDag(call, versionParam(call.ctx.url, "version"))),
  ),
});
