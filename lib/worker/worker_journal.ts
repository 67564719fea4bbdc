/**
 * What is to be written of one worker, in order. Where a write fails, as on a full disk, nothing is
 * left out: it is tried again, and what has happened meanwhile is written after it.
 */
import type { Database, Tx } from "../db/database.ts";

/** One change of the store. */
export type JournalEntry = (tx: Tx) => void;

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

export class WorkerJournal {
  readonly #db: Database;
  readonly #report: (line: string) => void;
  #unwritten: JournalEntry[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(db: Database, report: (line: string) => void) {
    this.#db = db;
    this.#report = report;
  }

  /** Adds what is to be written next. */
  add(entry: JournalEntry): void {
    this.#unwritten.push(entry);
  }

  /** Writes what there is within a transaction; if that isn't kept, it is to be written again. */
  writeWithin(tx: Tx): void {
    const entries = this.#unwritten;
    if (entries.length === 0) return;
    this.#unwritten = [];
    tx.onRollback(() => (this.#unwritten = [...entries, ...this.#unwritten]));
    for (const entry of entries) entry(tx);
  }

  /** Writes what there is. Settles when that was done, or has failed and will be tried again. */
  async flush(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      await this.#db.write((tx) => this.writeWithin(tx));
      this.#failures = 0;
    } catch (error) {
      this.#report(`a worker's state could not be written, it will be tried again: ${error}`);
      const wait = Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, LAST_RETRY_MS);
      this.#retry = setTimeout(() => void this.flush(), wait);
    }
  }

  /** Tries no more. */
  stop(): void {
    clearTimeout(this.#retry);
  }
}
