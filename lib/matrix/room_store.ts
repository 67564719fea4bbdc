/** Rows of `matrix_rooms` and `matrix_sync`: which room is whose, and how far each was followed. */
import type { Database, Tx } from "../db/database.ts";
import { open, seal } from "../secrets/secret_cipher.ts";
import { makeSecretKey, readSecretKey } from "../secrets/secret_key.ts";

/** A worker's room on the homeserver. */
export interface WorkerRoom {
  readonly worker_id: string;
  /** Key of the worker's scope. */
  readonly scope: string;
  readonly room_id: string;
  readonly alias: string;
  readonly user_id: string;
  /** The session of the worker's account. */
  readonly access_token: string;
}

export class RoomStore {
  readonly #db: Database;
  readonly #keyPath: string;

  /** @param keyPath of the key that secrets are encrypted with; made when it is first needed */
  constructor(db: Database, keyPath: string) {
    this.#db = db;
    this.#keyPath = keyPath;
  }

  /** All rooms; those whose session can't be decrypted are left out, and made anew when needed. */
  list(): WorkerRoom[] {
    const rows = this.#db.all<WorkerRoom>("SELECT * FROM matrix_rooms ORDER BY worker_id");
    const key = rows.length === 0 ? undefined : readSecretKey(this.#keyPath);
    if (key === undefined) return [];
    return rows.flatMap((row) => {
      const access_token = open(row.access_token, key, place(row.worker_id));
      return access_token === undefined ? [] : [{ ...row, access_token }];
    });
  }

  /** Writes a room down, in place of what was known of it. */
  save(tx: Tx, room: WorkerRoom): void {
    const key = readSecretKey(this.#keyPath) ?? makeSecretKey(this.#keyPath);
    this.#db.run("DELETE FROM matrix_rooms WHERE worker_id = ?", room.worker_id);
    this.#db.run(
      `INSERT INTO matrix_rooms (worker_id, scope, room_id, alias, user_id, access_token, created_at)
       VALUES (?,?,?,?,?,?,?)`,
      room.worker_id,
      room.scope,
      room.room_id,
      room.alias,
      room.user_id,
      seal(room.access_token, key, place(room.worker_id)),
      tx.now,
    );
  }

  /** Where an account's sync goes on. */
  token(userId: string): string | undefined {
    return this.#db.get<{ token: string }>(
      "SELECT token FROM matrix_sync WHERE user_id = ?",
      userId,
    )?.token;
  }

  /** Notes it, within the transaction of what was done about what came before. */
  saveToken(_tx: Tx, userId: string, token: string): void {
    this.#db.run(
      `INSERT INTO matrix_sync (user_id, token) VALUES (?,?)
       ON CONFLICT (user_id) DO UPDATE SET token = excluded.token`,
      userId,
      token,
    );
  }

  /**
   * The last event of a worker that is kept, whose number is the homeserver's id for it.
   * @param user its account; undefined: of any worker
   */
  lastEvent(user?: string): { readonly sender: string; readonly txn: string } | undefined {
    return this.#db.get(
      `SELECT sender, txn FROM room_events WHERE txn LIKE '$%' AND sender = coalesce(?, sender)
       ORDER BY seq DESC LIMIT 1`,
      user ?? null,
    );
  }
}

function place(workerId: string): string {
  return `matrix ${workerId}`;
}
