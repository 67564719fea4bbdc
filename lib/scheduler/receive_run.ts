/** Takes a run that another node hands over: stores its spec as a confirmed version and begins it. */
import type { Database, Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import type { Policy } from "../schema/policy.ts";
import type { BeginRun } from "./confirm.ts";
import type { EventLog } from "./event_log.ts";
import type { HandoverStore } from "./handover_store.ts";
import type { RunRow, RunStore } from "./run_store.ts";
import type { SpecStore } from "./spec_store.ts";

export interface ReceiveParts {
  readonly db: Database;
  readonly specs: SpecStore;
  readonly runs: RunStore;
  readonly events: EventLog;
  readonly handovers: HandoverStore;
  readonly beginRun: BeginRun;
}

/** What was handed over, checked. */
export interface ReceivedRun {
  readonly runId: string;
  readonly origin: string;
  readonly spec: DagSpec;
  readonly specHash: string;
  readonly triggeredBy: string;
  /** The name of who confirmed it there. */
  readonly confirmedBy: string | null;
  readonly results: Readonly<Record<string, unknown>>;
  /** It came by a room: it isn't begun by being stored. */
  readonly isShared?: boolean;
  /** The other node's token. */
  readonly tokenId: string;
  /** The policy that its scope has here: what it may touch at most, whatever is granted later. */
  readonly policy: Policy;
}

/**
 * Begins the run, once: the same run again is answered with what has become of it.
 * @throws {CisError} `run_finished` for one that was called off, `dag_taken`, `idempotency_conflict`
 */
export function receiveRun(tx: Tx, parts: ReceiveParts, received: ReceivedRun): RunRow {
  const { runs, handovers, beginRun } = parts;
  const { runId, origin, spec, specHash } = received;
  const known = handovers.received(runId);
  if (known?.origin === origin && known.dag_id === null) {
    throw new CisError("run_finished", `${origin} has called the run ${runId} off`);
  }
  const run = runs.load(runId);
  if (run !== undefined) {
    if (known?.origin === origin && known.spec_hash === specHash) return run;
    throw new CisError("idempotency_conflict", `there is another run ${runId} here already`);
  }
  requireFree(parts, received);
  const version = handovers.versionFrom(origin, spec.dag_id, specHash) ??
    storeVersion(tx, parts, received);
  handovers.receive(tx, {
    run_id: runId,
    origin,
    dag_id: spec.dag_id,
    version,
    spec_hash: specHash,
    confirmed_by: received.confirmedBy,
  });
  beginRun(tx, {
    dag_id: spec.dag_id,
    version,
    run_id: runId,
    triggered_by: received.triggeredBy,
    confirmed_by: received.tokenId,
    received: { results: received.results, is_shared: received.isShared === true },
  });
  const begun = runs.load(runId);
  if (begun === undefined) throw new Error(`the run ${runId} was not stored`);
  return begun;
}

/** Throws where the DAG's name is used here for something else. @throws {CisError} `dag_taken` */
export function requireFree(
  { handovers }: Pick<ReceiveParts, "handovers">,
  { spec, origin }: Pick<ReceivedRun, "spec" | "origin">,
): void {
  if (!handovers.isTaken(spec.dag_id, origin)) return;
  throw new CisError(
    "dag_taken",
    `this node has a DAG "${spec.dag_id}" that did not come from ${origin}; give one of them ` +
      "another dag_id",
  );
}

function storeVersion(
  tx: Tx,
  { db, specs, events }: ReceiveParts,
  { runId, spec, specHash, tokenId, origin, policy }: ReceivedRun,
): number {
  const version = (specs.load(spec.dag_id)?.version ?? 0) + 1;
  specs.save(tx, {
    spec,
    specHash,
    scopeSource: "spec",
    warnings: [],
    version,
    publishedBy: tokenId,
    expiresAt: tx.now,
    policy,
  });
  db.run(
    `UPDATE dag_specs SET status = 'confirmed', decided_by = ?, decided_at = ?, run_id = ?
     WHERE dag_id = ? AND version = ?`,
    tokenId,
    tx.now,
    runId,
    spec.dag_id,
    version,
  );
  const data = { version, spec_hash: specHash, origin };
  events.append(tx, { type: "dag.received", dagId: spec.dag_id, data });
  return version;
}
