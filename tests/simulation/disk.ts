/**
 * The database of a simulated node: it outlives the node. In memory, with the real schema, and used
 * again for each seed, since opening one and preparing its statements takes longer than a seed does.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { migrate } from "../../lib/db/migrate.ts";
import type { SqlValue } from "../../lib/db/database.ts";

/** A statement, and whether it writes. */
export interface Prepared {
  readonly statement: StatementSync;
  readonly writes: boolean;
}

const KEPT = new Set(["log_size", "sqlite_sequence"]);

export class Disk {
  readonly #sql = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, Prepared>();
  /** What points at others comes before them. */
  readonly #tables: readonly string[];

  constructor() {
    this.#sql.exec("PRAGMA foreign_keys = ON");
    migrate(this.#sql);
    this.#tables = this.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .map(({ name }) => name).filter((name) => !KEPT.has(name)).reverse();
  }

  /** Empties it for the next seed. */
  clear(): void {
    this.#sql.exec("BEGIN");
    for (const table of this.#tables) this.#sql.exec(`DELETE FROM ${table}`);
    this.#sql.exec("DELETE FROM sqlite_sequence; COMMIT");
  }

  exec(sql: string): void {
    this.#sql.exec(sql);
  }

  /** A statement, prepared once. */
  prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = {
      statement: this.#sql.prepare(sql),
      writes: /^\s*(INSERT|UPDATE|DELETE)\b/.test(sql),
    };
    this.#statements.set(sql, prepared);
    return prepared;
  }

  /** All rows of a query, past any fault: for looking at what is there. */
  all<T>(sql: string, ...values: SqlValue[]): T[] {
    return this.prepare(sql).statement.all(...values) as T[];
  }

  /** Undoes what a dead node had not committed. */
  recover(): void {
    if (this.#sql.isTransaction) this.#sql.exec("ROLLBACK");
  }
}
