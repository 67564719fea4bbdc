/** How runs get from this node to others: by requests to those of the settings, or by a room that all share. */
import type { Config } from "./config.ts";
import type { Database } from "./db/database.ts";
import { usableCredentials } from "./matrix/credentials.ts";
import { HomeserverOutbox } from "./matrix/homeserver_outbox.ts";
import type { WayToNode } from "./skill/dag_executor.ts";

/** What the dag-executor skill has to know of it. */
export interface NodeWays {
  readonly nodeId: string;
  readonly outbox: HomeserverOutbox;
  readonly wayTo: (target: string) => WayToNode | undefined;
}

/**
 * The ways of a node. One that the settings name is asked itself; everybody else, and any one, by the
 * room: there a run outlives the node that it was confirmed on.
 */
export function nodeWays(
  config: Pick<Config, "node_id" | "nodes" | "matrix" | "data_dir">,
  db: Database,
): NodeWays {
  const hasRoom = (): boolean =>
    config.matrix !== undefined && usableCredentials(config.data_dir)?.nodes_room !== undefined;
  return {
    nodeId: config.node_id,
    outbox: new HomeserverOutbox(db),
    wayTo: (target) => {
      if (Object.hasOwn(config.nodes, target)) return "request";
      if (hasRoom()) return "room";
      return target !== "*" || Object.keys(config.nodes).length > 0 ? "request" : undefined;
    },
  };
}
