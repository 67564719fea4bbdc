/** A node among others: in the room that they share, if it has been given one. */
import { usableCredentials } from "../matrix/credentials.ts";
import type { Node } from "../node.ts";
import { NodesRoom } from "./nodes_room.ts";

/**
 * Lets a node take part. Before it starts: what its earlier life held is put down where that is over, and
 * what the others say while nobody listens would be passed over. Ends with the node.
 */
export async function attendNodes(node: Node): Promise<void> {
  const { homeserver } = node.transport;
  const room = usableCredentials(node.config.data_dir)?.nodes_room;
  if (homeserver === undefined || room === undefined) return;
  const nodes = new NodesRoom({ node, homeserver, room });
  homeserver.inbox.nodes = nodes;
  await nodes.start();
}
