/** Publish: a spec becomes an immutable version that waits for confirmation. */
import type { Database, Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import type { Policy } from "../schema/policy.ts";
import type { ParsedSpec } from "./parsed_spec.ts";
import type { EventLog } from "./event_log.ts";
import type { SpecRow, SpecStore } from "./spec_store.ts";

/** What publishing takes. */
export interface PublishParts {
  readonly db: Database;
  readonly specs: SpecStore;
  readonly events: EventLog;
}

/** What is published, by whom, for how long. */
export interface Publication {
  readonly parsed: ParsedSpec;
  /** Token of who publishes. */
  readonly publishedBy: string;
  readonly expireMs: number;
  /** The policy of its scope: what it may touch at most, whatever is granted later. */
  readonly policy: Policy | null;
  /** Throws where the publisher may not touch what the DAG belongs to so far. */
  readonly requireMayReplace?: (newest: SpecRow) => void;
}

/**
 * Stores a new version, or finds the same content waiting already.
 * @throws {CisError} `version_conflict` when the version given isn't the next one
 */
export function publish(tx: Tx, parts: PublishParts, publication: Publication): SpecRow {
  const { specs } = parts;
  const { spec, spec_hash, version: expected } = publication.parsed;
  const waiting = specs.waiting(spec.dag_id);
  if (waiting !== undefined && waiting.expires_at > tx.now && waiting.spec_hash === spec_hash) {
    if (expected === undefined || expected === waiting.version) return waiting;
  }
  const newest = specs.load(spec.dag_id);
  // A name that another scope uses is taken: its waiting version must not be put aside from here.
  if (newest !== undefined) publication.requireMayReplace?.(newest);
  const version = (newest?.version ?? 0) + 1;
  if (expected !== undefined && expected !== version) {
    throw new CisError(
      "version_conflict",
      `the spec says version ${expected}, but the next version of "${spec.dag_id}" is ${version}: ` +
        "look at what was published meanwhile, or leave the version out",
      { data: { next_version: version } },
    );
  }
  if (waiting !== undefined) endWaiting(tx, parts, waiting);
  specs.save(tx, {
    spec,
    specHash: spec_hash,
    scopeSource: publication.parsed.scope_source,
    warnings: publication.parsed.warnings,
    version,
    publishedBy: publication.publishedBy,
    expiresAt: tx.now + publication.expireMs,
    policy: publication.policy,
  });
  parts.events.append(tx, {
    type: "dag.published",
    dagId: spec.dag_id,
    data: { version, spec_hash, tasks: spec.tasks.length },
  });
  const row = specs.load(spec.dag_id, version);
  if (row === undefined) throw new Error(`version ${version} of ${spec.dag_id} was not stored`);
  return row;
}

/** The waiting version makes room: superseded, or expired when its time was over anyway. */
function endWaiting(tx: Tx, { db, events }: PublishParts, row: SpecRow): void {
  const status = row.expires_at > tx.now ? "superseded" : "expired";
  db.run(
    `UPDATE dag_specs SET status = ?, decided_at = ?
     WHERE dag_id = ? AND version = ? AND status = 'waiting_confirmation'`,
    status,
    tx.now,
    row.dag_id,
    row.version,
  );
  events.append(tx, { type: `dag.${status}`, dagId: row.dag_id, data: { version: row.version } });
}
