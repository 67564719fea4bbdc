/** Who did what: rows of `audit`, written with the change itself. */
import type { Database, SqlValue, Tx } from "../db/database.ts";
import type { AuditEntryView } from "../schema/audit.ts";

export interface AuditEntry {
  readonly tokenId: string | null;
  /** Verb of the API: "publish", "confirm", "token.create", … */
  readonly action: string;
  readonly target?: string;
  /** "done", or the code of the error. */
  readonly outcome: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** As the answer named it. */
  readonly requestId?: string;
}

/** Which entries to read; what is absent is not asked for. */
export interface AuditFilter {
  readonly action?: string;
  readonly target?: string;
  readonly tokenId?: string;
  /** Only entries older than this one. */
  readonly before: number;
  readonly limit: number;
}

interface AuditRow extends Omit<AuditEntryView, "time" | "detail"> {
  readonly time: number;
  readonly detail: string;
}

export class AuditLog {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Writes an entry. */
  append(tx: Tx, entry: AuditEntry): void {
    this.#db.run(
      `INSERT INTO audit (time, token_id, action, target, outcome, detail, request_id)
       VALUES (?,?,?,?,?,?,?)`,
      tx.now,
      entry.tokenId,
      entry.action,
      entry.target ?? null,
      entry.outcome,
      JSON.stringify(entry.detail ?? {}),
      entry.requestId ?? null,
    );
  }

  /** Entries, newest first. */
  list(filter: AuditFilter): AuditEntryView[] {
    const where = ["a.seq < ?"];
    const values: SqlValue[] = [filter.before];
    for (const column of ["action", "target"] as const) {
      const value = filter[column];
      if (value === undefined) continue;
      where.push(`a.${column} = ?`);
      values.push(value);
    }
    if (filter.tokenId !== undefined) {
      where.push("a.token_id = ?");
      values.push(filter.tokenId);
    }
    return this.#db.all<AuditRow>(
      `SELECT a.seq, a.time, a.token_id, t.name AS token_name, a.action, a.target, a.outcome, a.detail,
        a.request_id
       FROM audit a LEFT JOIN tokens t ON t.token_id = a.token_id
       WHERE ${where.join(" AND ")} ORDER BY a.seq DESC LIMIT ?`,
      ...values,
      filter.limit,
    ).map((row) => ({
      ...row,
      time: new Date(row.time).toISOString(),
      detail: JSON.parse(row.detail) as AuditEntryView["detail"],
    }));
  }
}
