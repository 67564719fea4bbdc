import { define } from "../../../lib/api/state.ts";
import { CisError } from "../../../lib/errors.ts";

/** Workers connect here; each proves itself in its first frame. */
export const handler = define.handlers({
  GET: (ctx) => {
    if (ctx.req.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      throw new CisError(
        "invalid_request",
        "this address takes WebSocket connections of workers only",
      );
    }
    const { socket, response } = Deno.upgradeWebSocket(ctx.req, { idleTimeout: 0 });
    ctx.state.node.transport.accept(socket);
    return response;
  },
});
