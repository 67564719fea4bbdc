/** What nodes tell each other about runs that one hands to another. */
import { z } from "zod";
import { NodeId, RunId } from "./ids.ts";
import { RunState } from "./states.ts";

/** Body of POST /api/v1/dag/execute. */
export const ExecuteBody = z.strictObject({
  run_id: RunId,
  /** The node that hands the run over: the name of its token. */
  origin: NodeId,
  spec: z.record(z.string(), z.json()),
  spec_hash: z.string().length(64),
  triggered_by: z.string(),
  /** The name of who confirmed it there. */
  confirmed_by: z.string().nullable(),
  /** Outputs of tasks that an earlier run has completed; they don't run again. */
  results: z.record(z.string(), z.json()).default({}),
  /** Only asks whether the node would take it; nothing is begun. */
  offer: z.boolean().default(false),
});
export type ExecuteBody = z.input<typeof ExecuteBody>;

/** Answer to POST /api/v1/dag/execute. */
export const ExecuteAnswer = z.object({
  run_id: z.string(),
  node_id: z.string(),
  /** Whether the run is this node's now. */
  accepted: z.boolean(),
  /** To an offer: whether it would be. */
  willing: z.boolean(),
  status: RunState.nullable(),
});
export type ExecuteAnswer = z.infer<typeof ExecuteAnswer>;

/** Body of POST /api/v1/received/{run_id}/cancel. */
export const CancelReceivedBody = z.strictObject({ reason: z.string().trim().min(1).max(1_000) });
