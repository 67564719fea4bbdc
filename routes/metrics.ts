import { endpoint } from "../lib/api/endpoint.ts";
import { metricsText } from "../lib/api/metrics.ts";
import { define } from "../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ node }) =>
    new Response(metricsText(node), {
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    })),
});
