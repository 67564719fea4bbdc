/**
 * What nodes say to each other in the room that they share (contract §5). As in rooms of workers, every
 * content carries `v: 1`, and who speaks is the sender, never a field.
 * @module
 */
import { z } from "zod";
import { ExecuteBody } from "./handover.ts";
import { NodeId, RunId } from "./ids.ts";
import { CONTENT_VERSION } from "./room_events.ts";
import { RunView } from "./run_view.ts";

/** No lease is longer: a node with a strange setting would keep runs from everybody else. */
export const MAX_LEASE_MS = 24 * 60 * 60 * 1000;

const v = z.literal(CONTENT_VERSION);
const Generation = z.int().min(1).max(1_000_000);
const LeaseMs = z.int().min(1).max(MAX_LEASE_MS);
const ShortText = z.string().max(2_000);

/** A run that somebody is to carry out. */
export const DagExecuteContent = ExecuteBody.omit({ origin: true, offer: true }).extend({
  v,
  /** A node, or `*` for any one. */
  target: z.union([NodeId, z.literal("*")]),
});
export type DagExecuteContent = z.infer<typeof DagExecuteContent>;

/** A node takes a run, if this is the first claim of the generation; or goes on holding some. */
export const DagClaimContent = z.union([
  z.object({
    v,
    run_id: RunId,
    generation: Generation,
    /** The last event about who holds the run, as the sender knows it. */
    after: z.string().max(300),
    /** The sender's own number for it. */
    claim: z.uuid(),
    /** How long the others wait when it is not renewed; null: for ever. */
    lease_ms: LeaseMs.nullable(),
  }),
  z.object({
    v,
    lease_ms: LeaseMs,
    renewed: z.array(z.object({ run_id: RunId, generation: Generation })).min(1).max(1_000),
  }),
]);
export type DagClaimContent = z.infer<typeof DagClaimContent>;

/** How a run stands with its holder; or why a node doesn't take a run that is for it. */
export const DagStatusContent = z.union([
  z.object({
    v,
    run_id: RunId,
    generation: Generation,
    /** The run, with those of its tasks about which there is news. */
    view: RunView,
  }),
  z.object({ v, run_id: RunId, refused: ShortText }),
]);
export type DagStatusContent = z.infer<typeof DagStatusContent>;

/** The node that a run comes from calls it off. */
export const DagCancelContent = z.object({ v, run_id: RunId, reason: ShortText });

/** State of the room, by the node's id, for those with power over it to say: whose account is which node. */
export const NodeMemberContent = z.object({ v, user_id: z.string().regex(/^@[^:]+:.+$/).max(300) });

/** State of the room, by the node's account: what it says of itself. */
export const NodeInfoContent = z.object({
  v,
  version: z.string().max(100),
  labels: z.record(z.string().max(100), z.string().max(300)),
  /** What its machine and its settings make of it. */
  capabilities: z.object({
    os: z.string().max(100),
    arch: z.string().max(100),
    walls: z.enum(["bubblewrap", "none"]),
    max_workers: z.int().min(0),
  }),
});
export type NodeInfoContent = z.infer<typeof NodeInfoContent>;

/** From account to account, kept in no room: a node is there. */
export const NodeAliveContent = z.object({ v, open_runs: z.int().min(0) });

/** Event type → schema of its content. */
export const NODE_EVENT_CONTENTS = {
  "io.cis.dag.execute": DagExecuteContent,
  "io.cis.dag.claim": DagClaimContent,
  "io.cis.dag.status": DagStatusContent,
  "io.cis.dag.cancel": DagCancelContent,
} as const;

export type NodeEventType = keyof typeof NODE_EVENT_CONTENTS;

/** State events of the room. */
export const NODE_MEMBER = "io.cis.node.member";
export const NODE_INFO = "io.cis.node.info";
/** Between accounts. */
export const NODE_HEARTBEAT = "io.cis.node.heartbeat";

/** An event of a node, its sender known and its content checked. */
export type NodeEvent =
  & {
    /** The homeserver's id. */
    readonly id: string;
    /** Which node says so. */
    readonly from: string;
  }
  & {
    [T in NodeEventType]: {
      readonly type: T;
      readonly content: z.infer<(typeof NODE_EVENT_CONTENTS)[T]>;
    };
  }[NodeEventType];
