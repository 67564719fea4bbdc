/**
 * The one place where a version is confirmed or rejected, whichever door was used. Who may, which
 * content, and whether there is still time are conditions of the UPDATE itself: there is no moment
 * between a check and its use.
 */
import type { Database, SqlValue, Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { mayDecide, requireMayDecide as requireMayDecideRow } from "./may_decide.ts";
import type { SpecRow, SpecStore } from "./spec_store.ts";

/** A decision about the version that waits. */
export interface Decision {
  readonly dagId: string;
  readonly status: "confirmed" | "rejected";
  /** Token of who decides. */
  readonly decidedBy: string;
  /** The content decided on; undefined only while nobody can be mistaken about it. */
  readonly specHash?: string;
  readonly runId?: string;
  readonly reason?: string;
  /** Whether nobody may confirm what they published. */
  readonly separationOfDuties: boolean;
}

/** Nothing else was published since the last decision, so "what waits" means one content only. */
const UNMISTAKABLE = `NOT EXISTS (
  SELECT 1 FROM dag_specs other WHERE other.dag_id = dag_specs.dag_id
    AND other.version < dag_specs.version AND other.spec_hash <> dag_specs.spec_hash
    AND other.version > (SELECT coalesce(max(decided.version), 0) FROM dag_specs decided
      WHERE decided.dag_id = dag_specs.dag_id AND decided.status IN ('confirmed', 'rejected')))`;

const UPDATE = `UPDATE dag_specs
  SET status = :status, decided_by = :who, decided_at = :now, run_id = :run, reason = :reason
  WHERE dag_id = :dag AND status = 'waiting_confirmation' AND expires_at > :now
    AND (spec_hash = :hash OR (:hash IS NULL AND ${UNMISTAKABLE}))
    AND ${mayDecide("dag_specs")}
    AND (:duties = 0 OR published_by <> :who)
  RETURNING version`;

/**
 * Decides on the version that waits.
 * @returns the version as it is now
 * @throws {CisError} saying why it was not decided; nothing has changed then
 */
export function decide(
  tx: Tx,
  { db, specs }: { db: Database; specs: SpecStore },
  decision: Decision,
): SpecRow {
  const { dagId } = decision;
  const duties = decision.separationOfDuties && decision.status === "confirmed";
  const values: Record<string, SqlValue> = {
    status: decision.status,
    who: decision.decidedBy,
    now: tx.now,
    run: decision.runId ?? null,
    reason: decision.reason ?? null,
    dag: dagId,
    hash: decision.specHash ?? null,
    duties: duties ? 1 : 0,
  };
  const decided = db.getNamed<{ version: number }>(UPDATE, values);
  if (decided === undefined) throw whyNot(tx, { db, specs }, { ...decision, duties });
  const row = specs.load(dagId, decided.version);
  if (row === undefined) throw new Error(`version ${decided.version} of ${dagId} vanished`);
  return row;
}

/**
 * Throws unless the token may decide about DAGs of this version's scope. For answers that change
 * nothing, such as a repeated confirm.
 * @throws {CisError} `unauthenticated`, `forbidden`, `scope_not_allowed`
 */
export function requireMayDecide(tx: Tx, db: Database, about: { row: SpecRow; who: string }): void {
  const { row, who } = about;
  requireMayDecideRow(tx, db, {
    table: "dag_specs",
    where: "dag_id = :dag AND version = :version",
    values: { dag: row.dag_id, version: row.version },
    who,
    about: `"${row.dag_id}"`,
  });
}

function whyNot(
  tx: Tx,
  { db, specs }: { db: Database; specs: SpecStore },
  decision: Decision & { readonly duties: boolean },
): CisError {
  const { dagId, specHash } = decision;
  const newest = specs.load(dagId);
  if (newest === undefined) {
    return new CisError("dag_not_found", `there is no DAG "${dagId}"; publish it first`);
  }
  try {
    requireMayDecide(tx, db, { row: newest, who: decision.decidedBy });
  } catch (error) {
    if (error instanceof CisError) return error;
    throw error;
  }
  if (newest.status !== "waiting_confirmation") return notWaiting(newest, specHash);
  const waiting = {
    data: { waiting_version: newest.version, waiting_spec_hash: newest.spec_hash },
  };
  if (specHash !== undefined && specHash !== newest.spec_hash) {
    return new CisError(
      "content_changed",
      `the content ${short(specHash)} is not what waits: version ${newest.version} of "${dagId}" ` +
        `with ${short(newest.spec_hash)} is. Look at it before you decide`,
      waiting,
    );
  }
  if (newest.expires_at <= tx.now) return expired(newest);
  if (decision.duties && newest.published_by === decision.decidedBy) {
    return new CisError(
      "separation_of_duties",
      `"${dagId}" was published with this token; somebody else has to confirm it`,
    );
  }
  return new CisError(
    "content_changed",
    `other content was published as "${dagId}" since the last decision, so it must be said which ` +
      `is meant: name the spec_hash, ${newest.spec_hash} for version ${newest.version}`,
    waiting,
  );
}

function notWaiting(newest: SpecRow, specHash: string | undefined): CisError {
  if (specHash !== undefined && specHash !== newest.spec_hash) {
    return new CisError(
      "content_changed",
      `the content ${short(specHash)} does not wait for confirmation; the newest version of ` +
        `"${newest.dag_id}" is ${newest.version} with ${short(newest.spec_hash)}, ${newest.status}`,
    );
  }
  if (newest.status === "expired") return expired(newest);
  return new CisError(
    "already_decided",
    `version ${newest.version} of "${newest.dag_id}" is ${newest.status}; publish a new version`,
    { data: { status: newest.status } },
  );
}

function expired(row: SpecRow): CisError {
  return new CisError(
    "confirmation_expired",
    `version ${row.version} of "${row.dag_id}" could be decided until ` +
      `${new Date(row.expires_at).toISOString()}; publish it again`,
  );
}

/** The start of a hash, enough for a person to tell two apart. */
function short(hash: string): string {
  return hash.slice(0, 12);
}
