/** Reject: the version that waits is refused, with a reason that its publisher can act on. */
import type { Database, Tx } from "../db/database.ts";
import { decide } from "./decide.ts";
import type { EventLog } from "./event_log.ts";
import type { SpecRow, SpecStore } from "./spec_store.ts";

/**
 * Rejects the version that waits.
 * @throws {CisError} see `decide`
 */
export function reject(
  tx: Tx,
  parts: { readonly db: Database; readonly specs: SpecStore; readonly events: EventLog },
  order: {
    readonly dagId: string;
    readonly specHash?: string;
    readonly rejectedBy: string;
    readonly reason: string;
  },
): SpecRow {
  const row = decide(tx, parts, {
    dagId: order.dagId,
    status: "rejected",
    decidedBy: order.rejectedBy,
    specHash: order.specHash,
    reason: order.reason,
    separationOfDuties: false,
  });
  parts.events.append(tx, {
    type: "dag.rejected",
    dagId: order.dagId,
    data: { version: row.version, reason: order.reason },
  });
  return row;
}
