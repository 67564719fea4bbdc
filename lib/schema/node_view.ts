/** Nodes that share a room on a homeserver, as the API shows them. */
import { z } from "zod";
import { NodeInfoContent } from "./node_events.ts";
import { MaybeTime } from "./time_field.ts";

const info = NodeInfoContent.shape;

export const NodeView = z.object({
  node_id: z.string(),
  /** On the homeserver. */
  account: z.string(),
  is_this: z.boolean(),
  /** When anything last came from it, as far as that was in this life of the node. */
  last_heard: MaybeTime,
  /** What it says of itself; null while it has said nothing. */
  version: info.version.nullable(),
  labels: info.labels,
  capabilities: info.capabilities.nullable(),
});
export type NodeView = z.infer<typeof NodeView>;

export const NodeList = z.object({
  count: z.int(),
  next_cursor: z.string().nullable(),
  nodes: z.array(NodeView),
});
export type NodeList = z.infer<typeof NodeList>;
