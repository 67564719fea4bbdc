/** Who did what: rows of `audit`, written with the change itself. */
import type { Database, Tx } from "../db/database.ts";

export interface AuditEntry {
  readonly tokenId: string | null;
  /** Verb of the API: "publish", "confirm", "token.create", … */
  readonly action: string;
  readonly target?: string;
  /** "done", or the code of the error. */
  readonly outcome: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export class AuditLog {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Writes an entry. */
  append(tx: Tx, entry: AuditEntry): void {
    this.#db.run(
      "INSERT INTO audit (time, token_id, action, target, outcome, detail) VALUES (?,?,?,?,?,?)",
      tx.now,
      entry.tokenId,
      entry.action,
      entry.target ?? null,
      entry.outcome,
      JSON.stringify(entry.detail ?? {}),
    );
  }
}
