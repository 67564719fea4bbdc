/**
 * What the node has said and the homeserver has not taken yet. It is written in the transaction of the
 * change that it tells of; what waits goes out in order, several to an event, under a number that stays
 * the same however often it has to be sent: the homeserver takes each number once.
 */
import type { Database, Tx } from "../db/database.ts";
import { MAX_CONTENT_BYTES } from "../schema/room_events.ts";
import { countMergeable, type Mergeable, mergeContents } from "./merge_contents.ts";

/** What waits for the room that nodes share is kept under this name, which no worker has. */
export const NODES_OUTBOX = "!nodes";

/** An event that is ready to be sent. */
export interface OutgoingBatch extends Mergeable {
  readonly txn: string;
}

interface OutboxRow extends Mergeable {
  seq: number;
  txn: string | null;
}

/** Most that travel together: they are looked at one by one. */
const MOST_TOGETHER = 500;

export class HomeserverOutbox {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Adds to what waits for a worker's room, or the nodes'. `content` is JSON text. */
  add(_tx: Tx, workerId: string, { type, content }: Mergeable): void {
    this.#db.run(
      "INSERT INTO matrix_outbox (worker_id, type, content) VALUES (?,?,?)",
      workerId,
      type,
      content,
    );
  }

  /** Forgets what has been taken, and puts the next event together; undefined when nothing waits. */
  advance(workerId: string, taken: string | undefined): Promise<OutgoingBatch | undefined> {
    return this.#db.write(() => {
      if (taken !== undefined) {
        this.#db.run("DELETE FROM matrix_outbox WHERE worker_id = ? AND txn = ?", workerId, taken);
      }
      return this.#next(workerId);
    });
  }

  /** Workers for whose rooms something waits. */
  waiting(): string[] {
    const rows = this.#db.all<{ worker_id: string }>(
      "SELECT DISTINCT worker_id FROM matrix_outbox",
    );
    return rows.map(({ worker_id }) => worker_id);
  }

  #next(workerId: string): OutgoingBatch | undefined {
    const rows = this.#db.all<OutboxRow>(
      `SELECT seq, type, content, txn FROM matrix_outbox WHERE worker_id = ?
       ORDER BY seq LIMIT ${MOST_TOGETHER}`,
      workerId,
    );
    const [first] = rows;
    if (first === undefined) return undefined;
    // An earlier life may have sent it already: it has to be the same again.
    const isFormed = first.txn !== null;
    const together = isFormed
      ? rows.filter(({ txn }) => txn === first.txn)
      : rows.slice(0, countMergeable(rows, MAX_CONTENT_BYTES));
    const txn = first.txn ?? crypto.randomUUID();
    if (!isFormed) {
      this.#db.run(
        "UPDATE matrix_outbox SET txn = ? WHERE worker_id = ? AND txn IS NULL AND seq <= ?",
        txn,
        workerId,
        together.at(-1)?.seq ?? first.seq,
      );
    }
    return { type: first.type, txn, content: mergeContents(together) };
  }
}
