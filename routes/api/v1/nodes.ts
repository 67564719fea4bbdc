import { endpoint } from "../../../lib/api/endpoint.ts";
import { roomNodes } from "../../../lib/api/room_nodes.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ node }) => roomNodes(node)),
});
