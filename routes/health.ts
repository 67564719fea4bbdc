import { VERSION } from "../lib/version.ts";
import { define } from "../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) =>
    Response.json({
      status: "ok",
      service: "glm-api",
      version: VERSION,
      node_id: ctx.state.node.config.node_id,
    }),
});
