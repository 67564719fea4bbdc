/** GET /nodes: who is in the room that nodes share. */
import type { Node } from "../node.ts";
import { isoTime } from "../scheduler/iso_time.ts";
import type { NodeList } from "../schema/node_view.ts";

/** The nodes of the room, this one among them; none where no room is shared. */
export function roomNodes({ handovers, config, db }: Node): NodeList {
  const { shared } = handovers;
  const nodes = shared.nodes().map(({ node_id, user_id, info }) => {
    const silence = shared.presence.silence(user_id);
    return {
      node_id,
      account: user_id,
      is_this: node_id === config.node_id,
      last_heard: silence === undefined ? null : isoTime(Math.round(db.now() - silence)),
      version: info?.version ?? null,
      labels: info?.labels ?? {},
      capabilities: info?.capabilities ?? null,
    };
  });
  return { count: nodes.length, next_cursor: null, nodes };
}
