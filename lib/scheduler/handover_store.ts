/** Runs that are for other nodes, and runs that came from them: `handovers`, `received_runs`. */
import type { Database, Tx } from "../db/database.ts";
import type { Waiting } from "../schema/waiting.ts";
import { SharedRunStore } from "./shared_run_store.ts";

/** A run that is for another node. */
export interface HandoverRow {
  readonly run_id: string;
  readonly target: string;
  readonly status: "waiting" | "assigned" | "accepted" | "here" | "ended";
  readonly node_id: string | null;
  readonly lease: string | null;
  readonly lease_until: number | null;
  readonly reason: string | null;
  readonly last_event: number;
}

/** A run that another node has handed to this one. */
export interface ReceivedRow {
  readonly run_id: string;
  readonly origin: string;
  readonly dag_id: string | null;
  readonly version: number | null;
  readonly spec_hash: string | null;
  readonly confirmed_by: string | null;
}

export class HandoverStore {
  readonly #db: Database;
  /** Runs that nodes share by a room on a homeserver. */
  readonly shared: SharedRunStore;

  constructor(db: Database) {
    this.#db = db;
    this.shared = new SharedRunStore(db);
  }

  /** A run is for another node: for that alone, or with `*` for any one. */
  begin(_tx: Tx, runId: string, target: string): void {
    this.#db.run(
      "INSERT INTO handovers (run_id, target, status, node_id) VALUES (?,?,?,?)",
      runId,
      target,
      target === "*" ? "waiting" : "assigned",
      target === "*" ? null : target,
    );
  }

  load(runId: string): HandoverRow | undefined {
    return this.#db.get<HandoverRow>("SELECT * FROM handovers WHERE run_id = ?", runId);
  }

  /** All that something is left to do about, oldest first. */
  open(): HandoverRow[] {
    return this.#db.all<HandoverRow>(
      "SELECT * FROM handovers WHERE status IN ('waiting', 'assigned', 'accepted') ORDER BY run_id",
    );
  }

  /** What keeps a run that this node doesn't carry out. */
  elsewhere(runId: string): Waiting | undefined {
    const row = this.load(runId);
    if (row === undefined) return this.shared.elsewhere(runId);
    if (row.status === "here" || row.status === "ended") return undefined;
    const usual = row.status === "accepted"
      ? `it runs on ${row.node_id}`
      : row.node_id === null
      ? "it is offered to the other nodes"
      : `it is being handed to ${row.node_id}`;
    return { code: "other_node", message: row.reason ?? usual };
  }

  /** Begins a round of offers: only who takes it up in this round and in time gets the run. */
  offer(_tx: Tx, runId: string, round: { lease: string; until: number }): void {
    this.#db.run(
      "UPDATE handovers SET lease = ?, lease_until = ? WHERE run_id = ? AND status = 'waiting'",
      round.lease,
      round.until,
      runId,
    );
  }

  /** Gives an offered run to one node. @returns false: it is somebody else's, or the round is over */
  assign(
    tx: Tx,
    runId: string,
    { lease, nodeId, here }: { lease: string; nodeId: string; here: boolean },
  ): boolean {
    return this.#db.run(
      `UPDATE handovers SET status = ?, node_id = ?, lease = NULL, reason = NULL
       WHERE run_id = ? AND status = 'waiting' AND lease = ? AND lease_until > ?
         AND EXISTS (SELECT 1 FROM dag_runs r WHERE r.run_id = handovers.run_id
           AND r.finished_at IS NULL)`,
      here ? "here" : "assigned",
      nodeId,
      runId,
      lease,
      tx.now,
    ) > 0;
  }

  /** The node that a run was assigned to has taken it. */
  accepted(_tx: Tx, runId: string): void {
    this.#db.run(
      "UPDATE handovers SET status = 'accepted', reason = NULL WHERE run_id = ? AND status = 'assigned'",
      runId,
    );
  }

  /** Says why a run doesn't get on; null: it does. */
  setReason(_tx: Tx, runId: string, reason: string | null): void {
    this.#db.run("UPDATE handovers SET reason = ? WHERE run_id = ?", reason, runId);
  }

  /** Events up to this one have been followed. */
  followed(_tx: Tx, runId: string, seq: number): void {
    this.#db.run(
      "UPDATE handovers SET last_event = ? WHERE run_id = ? AND last_event < ?",
      seq,
      runId,
      seq,
    );
  }

  /** Nothing is left to do. */
  end(_tx: Tx, runId: string): void {
    this.#db.run("UPDATE handovers SET status = 'ended', reason = NULL WHERE run_id = ?", runId);
  }

  /** A run that was handed to this node. */
  received(runId: string): ReceivedRow | undefined {
    return this.#db.get<ReceivedRow>("SELECT * FROM received_runs WHERE run_id = ?", runId);
  }

  /** Notes where a run came from; or, without a DAG, that it must not be taken when it comes. */
  receive(tx: Tx, row: ReceivedRow): void {
    this.#db.run(
      `INSERT INTO received_runs (run_id, origin, dag_id, version, spec_hash, confirmed_by,
        received_at) VALUES (?,?,?,?,?,?,?)`,
      row.run_id,
      row.origin,
      row.dag_id,
      row.version,
      row.spec_hash,
      row.confirmed_by,
      tx.now,
    );
  }

  /** The version under which a content came from a node before. */
  versionFrom(origin: string, dagId: string, specHash: string): number | undefined {
    return this.#db.get<{ version: number }>(
      `SELECT version FROM received_runs WHERE origin = ? AND dag_id = ? AND spec_hash = ?
       ORDER BY version DESC LIMIT 1`,
      origin,
      dagId,
      specHash,
    )?.version;
  }

  /** Whether a DAG of that name is here that did not come from this node alone. */
  isTaken(dagId: string, origin: string): boolean {
    return this.#db.get(
      `SELECT 1 FROM dag_specs s WHERE s.dag_id = ? AND NOT EXISTS (
         SELECT 1 FROM received_runs r
         WHERE r.dag_id = s.dag_id AND r.version = s.version AND r.origin = ?)`,
      dagId,
      origin,
    ) !== undefined;
  }
}
