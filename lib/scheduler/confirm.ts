/** Confirm: the version that waits becomes a run, in one transaction. */
import { v7 as uuid } from "uuid";
import type { Database, Tx } from "../db/database.ts";
import { decide, requireMayDecide } from "./decide.ts";
import type { EventLog } from "./event_log.ts";
import type { SpecRow, SpecStore } from "./spec_store.ts";

/** How a run is begun; the dag-executor skill does it. */
export type BeginRun = (tx: Tx, order: {
  dag_id: string;
  version: number;
  run_id: string;
  triggered_by: string;
  confirmed_by: string | null;
  retry_of?: string | null;
  keep_completed?: boolean;
  rerun?: string | null;
  only_again?: string | null;
  /** Another node has handed it over, with the outputs of what has completed already. */
  received?: {
    readonly results: Readonly<Record<string, unknown>>;
    readonly is_shared?: boolean;
  } | null;
}) => { run_id: string };

/** What confirming takes. */
export interface ConfirmParts {
  readonly db: Database;
  readonly specs: SpecStore;
  readonly events: EventLog;
  readonly beginRun: BeginRun;
  readonly separationOfDuties: boolean;
  /** Told of the version that is in force from now on. */
  readonly schedules: { confirmed(tx: Tx, version: SpecRow): void };
}

/** A new id of a run. */
export function newRunId(): string {
  return `dag-run-${uuid()}`;
}

/**
 * Confirms the version that waits and begins its run. Confirming the same content again gives the
 * same run.
 * @returns the version, with its `run_id`
 * @throws {CisError} see `decide`
 */
export function confirm(
  tx: Tx,
  parts: ConfirmParts,
  order: { readonly dagId: string; readonly specHash?: string; readonly confirmedBy: string },
): SpecRow {
  const { dagId, specHash, confirmedBy } = order;
  const before = alreadyConfirmed(parts.specs, { dagId, specHash });
  if (before !== undefined) {
    requireMayDecide(tx, parts.db, { row: before, who: confirmedBy });
    return before;
  }
  const row = decide(tx, parts, {
    dagId,
    status: "confirmed",
    decidedBy: confirmedBy,
    specHash,
    runId: newRunId(),
    separationOfDuties: parts.separationOfDuties,
  });
  parts.events.append(tx, {
    type: "dag.confirmed",
    dagId,
    data: { version: row.version, spec_hash: row.spec_hash, run_id: row.run_id },
  });
  parts.schedules.confirmed(tx, row);
  parts.beginRun(tx, {
    dag_id: dagId,
    version: row.version,
    run_id: row.run_id ?? "",
    triggered_by: "confirm",
    confirmed_by: confirmedBy,
  });
  return row;
}

/**
 * The version that this very confirm has made a run of before. Only the newest version with that
 * content counts: where the same content was published again and then expired or was rejected, an
 * earlier run is no answer to who wants the new one.
 */
function alreadyConfirmed(
  specs: SpecStore,
  { dagId, specHash }: { dagId: string; specHash: string | undefined },
): SpecRow | undefined {
  const newest = specs.load(dagId);
  if (newest === undefined) return undefined;
  const meant = specHash === undefined ? newest : specs.newestWithHash(dagId, specHash);
  return meant?.status === "confirmed" ? meant : undefined;
}
