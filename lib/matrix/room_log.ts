/** The rooms of the embedded transport: rows of `room_events`, in the order of their `seq`. */
import type { Database, Tx } from "../db/database.ts";

/** An event to be written down. `content` is JSON text. */
export interface NewRoomEvent {
  readonly roomId: string;
  readonly sender: string;
  /** The sender's own number for it; the same again is the same event. */
  readonly txn: string;
  readonly type: string;
  readonly content: string;
}

export class RoomLog {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Whether an event is written down. */
  has(sender: string, txn: string): boolean {
    return this.#db.get(
      "SELECT 1 FROM room_events WHERE sender = ? AND txn = ?",
      sender,
      txn,
    ) !== undefined;
  }

  /** Writes an event down. @returns its `seq`, or undefined when it is there already */
  append(tx: Tx, event: NewRoomEvent): number | undefined {
    return this.#db.get<{ seq: number }>(
      `INSERT INTO room_events (room_id, sender, txn, type, content, created_at)
       VALUES (?,?,?,?,?,?) ON CONFLICT (sender, txn) DO NOTHING RETURNING seq`,
      event.roomId,
      event.sender,
      event.txn,
      event.type,
      event.content,
      tx.now,
    )?.seq;
  }
}
