import { endpoint } from "../../../lib/api/endpoint.ts";
import { allEventsStream } from "../../../lib/api/run_stream.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint(
    "viewer",
    ({ ctx, node, principal }) => allEventsStream(ctx.req, { node, principal }),
  ),
});
