import { define } from "../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => {
    const { isReady, config } = ctx.state.node;
    return Response.json(
      { status: isReady ? "ready" : "starting", node_id: config.node_id },
      { status: isReady ? 200 : 503 },
    );
  },
});
