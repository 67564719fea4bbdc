/** Runs that nodes share by a room, and those nodes: `shared_runs`, `shared_tasks`, `room_nodes`. */
import type { Database, Tx } from "../db/database.ts";
import type { TaskView } from "../schema/api.ts";
import type { DagExecuteContent, NodeInfoContent } from "../schema/node_events.ts";
import type { Waiting } from "../schema/waiting.ts";
import { NodePresence } from "./node_presence.ts";

/** A shared run. */
export interface SharedRunRow {
  readonly run_id: string;
  readonly origin: string;
  readonly target: string;
  readonly body: string;
  readonly generation: number;
  readonly holder: string | null;
  readonly lease_ms: number | null;
  readonly last_event: string | null;
  readonly claim: string | null;
  readonly ended: number;
  readonly reason: string | null;
  readonly held: number | null;
  readonly held_until: number | null;
}

/** What the timeline says of who has it. */
export type SharedClaim = Pick<
  SharedRunRow,
  "generation" | "holder" | "lease_ms" | "last_event" | "claim" | "ended"
>;

/** A node of the room. */
export interface RoomNode {
  readonly node_id: string;
  readonly user_id: string;
  readonly info: NodeInfoContent | null;
}

/** Those that have ended are remembered for so long, in milliseconds. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;

export class SharedRunStore {
  readonly #db: Database;
  /** Of the other nodes. */
  readonly presence: NodePresence = new NodePresence();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Notes a run that is to be shared; one that is known stays as it is. */
  add(
    tx: Tx,
    { origin, body }: { readonly origin: string; readonly body: DagExecuteContent },
  ): void {
    this.#db.run(
      `INSERT INTO shared_runs (run_id, origin, target, body, created_at) VALUES (?,?,?,?,?)
       ON CONFLICT (run_id) DO NOTHING`,
      body.run_id,
      origin,
      body.target,
      JSON.stringify(body),
      tx.now,
    );
  }

  load(runId: string): SharedRunRow | undefined {
    return this.#db.get<SharedRunRow>("SELECT * FROM shared_runs WHERE run_id = ?", runId);
  }

  /** Those that haven't ended, and those that this node still carries out, oldest first. */
  open(): SharedRunRow[] {
    return this.#db.all<SharedRunRow>(
      `SELECT * FROM shared_runs WHERE ended = 0
       UNION SELECT * FROM shared_runs WHERE held IS NOT NULL ORDER BY created_at, run_id`,
    );
  }

  /** Those that nobody carries out, and that don't get on for the reason given or since `before`. */
  stuck(before: number): SharedRunRow[] {
    return this.#db.all<SharedRunRow>(
      `SELECT * FROM shared_runs WHERE ended = 0 AND held IS NULL
         AND (reason IS NOT NULL OR (holder IS NULL AND created_at < ?)) ORDER BY created_at, run_id`,
      before,
    );
  }

  /** Whether an event is the last about who has some run. */
  hasSeen(eventId: string): boolean {
    return this.#db.get("SELECT 1 FROM shared_runs WHERE last_event = ?", eventId) !== undefined;
  }

  /** Writes down what the timeline says now. */
  setClaim(_tx: Tx, runId: string, claim: SharedClaim): void {
    this.#db.run(
      `UPDATE shared_runs SET generation = ?, holder = ?, lease_ms = ?, last_event = ?, claim = ?,
        ended = ?, reason = NULL WHERE run_id = ?`,
      claim.generation,
      claim.holder,
      claim.lease_ms,
      claim.last_event,
      claim.claim,
      claim.ended,
      runId,
    );
  }

  setReason(_tx: Tx, runId: string, reason: string | null): void {
    this.#db.run("UPDATE shared_runs SET reason = ? WHERE run_id = ?", reason, runId);
  }

  /** This node carries the run out from now on, or does so for longer. @param until null: for ever */
  hold(
    _tx: Tx,
    runId: string,
    { generation, until }: { readonly generation: number; readonly until: number | null },
  ): void {
    this.#db.run(
      "UPDATE shared_runs SET held = ?, held_until = ? WHERE run_id = ?",
      generation,
      until,
      runId,
    );
  }

  /** This node doesn't carry it out any more. */
  letGo(_tx: Tx, runId: string): void {
    this.#db.run("UPDATE shared_runs SET held = NULL, held_until = NULL WHERE run_id = ?", runId);
  }

  /** What keeps a run that this node doesn't carry out; undefined for one that it does. */
  elsewhere(runId: string): Waiting | undefined {
    const row = this.load(runId);
    if (row === undefined || row.held !== null) return undefined;
    const usual = row.holder !== null
      ? `${row.holder} has it`
      : row.target === "*"
      ? "no node has claimed it yet"
      : `it has been told to ${row.target}, which hasn't answered yet`;
    return { code: "other_node", message: row.reason ?? usual };
  }

  /** Keeps what its holder says of its tasks. */
  keepTasks(_tx: Tx, runId: string, tasks: readonly TaskView[]): void {
    for (const task of tasks) {
      this.#db.run(
        `INSERT INTO shared_tasks (run_id, task_id, view) VALUES (?,?,?)
         ON CONFLICT (run_id, task_id) DO UPDATE SET view = excluded.view`,
        runId,
        task.task_id,
        JSON.stringify(task),
      );
    }
  }

  /** What its holders have said of its tasks. */
  tasks(runId: string): TaskView[] {
    return this.#db.all<{ view: string }>(
      "SELECT view FROM shared_tasks WHERE run_id = ?",
      runId,
    ).map(({ view }) => JSON.parse(view) as TaskView);
  }

  /** Forgets what has ended long ago. */
  prune(tx: Tx): void {
    this.#db.run(
      "DELETE FROM shared_runs WHERE ended = 1 AND held IS NULL AND created_at < ?",
      tx.now - REMEMBERED_MS,
    );
  }

  /** Nodes of the room, by name. */
  nodes(): RoomNode[] {
    return this.#db.all<{ node_id: string; user_id: string; info: string | null }>(
      "SELECT * FROM room_nodes ORDER BY node_id",
    ).map((row) => ({
      ...row,
      info: row.info === null ? null : JSON.parse(row.info) as NodeInfoContent,
    }));
  }

  /** Whether the members of this very room are known. */
  knows(roomId: string): boolean {
    return this.#db.get("SELECT 1 FROM nodes_room WHERE room_id = ?", roomId) !== undefined;
  }

  /** Begins with a room, of which its members are added next; those of another are forgotten. */
  beginWith(_tx: Tx, roomId: string): void {
    this.#db.run("DELETE FROM nodes_room");
    this.#db.run("DELETE FROM room_nodes");
    this.#db.run("INSERT INTO nodes_room (room_id) VALUES (?)", roomId);
  }

  /** Says whose account is a node. @param userId null: nobody's any more */
  setNode(_tx: Tx, nodeId: string, userId: string | null): void {
    this.#db.run("DELETE FROM room_nodes WHERE node_id = ? OR user_id = ?", nodeId, userId ?? "");
    if (userId === null) return;
    this.#db.run("INSERT INTO room_nodes (node_id, user_id) VALUES (?,?)", nodeId, userId);
  }

  /** Keeps what a node says of itself. */
  setInfo(_tx: Tx, userId: string, info: NodeInfoContent): void {
    this.#db.run(
      "UPDATE room_nodes SET info = ? WHERE user_id = ?",
      JSON.stringify(info),
      userId,
    );
  }
}
