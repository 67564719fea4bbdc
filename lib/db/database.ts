/**
 * The one SQLite file. Reads go straight through; every write goes through {@linkcode Database.write},
 * which gathers the writes of one turn of the event loop into a single durable transaction
 * (WAL, `synchronous=FULL`): one fsync answers many requests.
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers";
import { type CheckedCopy, copyDatabase } from "./backup.ts";
import { migrate } from "./migrate.ts";

/** Values that SQLite takes and gives. */
export type SqlValue = string | number | null;
/** A row as SQLite gives it. */
export type Row = Record<string, SqlValue>;

/** What a write gets to work with, valid until it returns. */
export interface Tx {
  /** Epoch milliseconds, the same for everything in one transaction. */
  readonly now: number;
  /** Runs after the commit, in order; what is told to anyone is told here. */
  afterCommit(effect: () => void): void;
  /** Runs when what this write did in memory has to be forgotten because it was not kept. */
  onRollback(undo: () => void): void;
}

interface PendingWrite {
  readonly work: (tx: Tx) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How soon a write has to be done. */
export interface WriteOptions {
  /**
   * It may wait a little for others to share its commit with, as what comes in floods should. It
   * keeps its place: a later write that can't wait takes it along.
   */
  readonly canWait?: boolean;
}

/** Between two commits that nothing but writes that can wait is in, in milliseconds. */
const COMMIT_GAP_MS = 10;
/** So many writes that can wait don't wait any longer: a commit must not take long. */
const MOST_WAITING = 16;

/** Options of {@linkcode Database}. */
export interface DatabaseOptions {
  /** Epoch milliseconds; tests own time through this. */
  readonly now?: () => number;
  /** Told of an effect after a commit that threw; the commit stands. */
  readonly onEffectError?: (error: unknown) => void;
  /** Opens the connection; tests put faults in its way. */
  readonly connect?: (path: string) => DatabaseSync;
  /**
   * Calls `flush` when what shares its commit has been queued: by itself after this turn of the
   * event loop, so that all requests whose bytes have arrived get into it.
   */
  readonly afterTurn?: (flush: () => void) => void;
}

export class Database implements Disposable {
  readonly #sql: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #now: () => number;
  readonly #onEffectError: (error: unknown) => void;
  readonly #afterTurn: (flush: () => void) => void;
  #queue: PendingWrite[] = [];
  /** Whether a commit follows this turn of the event loop. */
  #isDue = false;
  /** Set while a commit follows later. */
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #committedAt = -COMMIT_GAP_MS;
  #inTransaction = false;
  #closed = false;
  /** Names of the migrations applied when it was opened. */
  readonly migrated: readonly string[];

  /**
   * Opens or creates the file and migrates it.
   * @param path file path, or ":memory:"
   * @throws {SchemaError} when it was written by a newer version
   */
  constructor(path: string, options: DatabaseOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#onEffectError = options.onEffectError ?? ((error) => reportError(error));
    this.#afterTurn = options.afterTurn ?? setImmediate;
    this.#sql = options.connect?.(path) ?? new DatabaseSync(path);
    try {
      this.#sql.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; " +
          "PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000",
      );
      this.migrated = migrate(this.#sql);
    } catch (error) {
      this.#sql.close();
      throw error;
    }
  }

  /** Epoch milliseconds by this database's clock. */
  now(): number {
    return this.#now();
  }

  /** First row of a query, or undefined. */
  get<T = Row>(sql: string, ...values: SqlValue[]): T | undefined {
    return this.#prepare(sql).get(...values.map(storable)) as T | undefined;
  }

  /** First row of a statement with named values (`:name`), or undefined. */
  getNamed<T = Row>(sql: string, values: Readonly<Record<string, SqlValue>>): T | undefined {
    const given = Object.entries(values).map(([name, value]) => [name, storable(value)]);
    return this.#prepare(sql).get(Object.fromEntries(given)) as T | undefined;
  }

  /** All rows of a query. */
  all<T = Row>(sql: string, ...values: SqlValue[]): T[] {
    return this.#prepare(sql).all(...values.map(storable)) as T[];
  }

  /** Rows of a query one by one, for who may stop early. To be gone through at once. */
  iterate<T = Row>(sql: string, ...values: SqlValue[]): Iterable<T> {
    return this.#prepare(sql).iterate(...values) as Iterable<T>;
  }

  /** Runs a statement, inside a write. @returns how many rows it changed */
  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.#prepare(sql).run(...values.map(storable)).changes);
  }

  /** Runs an INSERT, inside a write. @returns the row id it made */
  insert(sql: string, ...values: SqlValue[]): number {
    return Number(this.#prepare(sql).run(...values.map(storable)).lastInsertRowid);
  }

  /**
   * Queues a write. It runs with the others of this turn in one transaction, each in a savepoint of
   * its own: one that throws is undone alone. The promise settles after the commit.
   */
  write<T>(work: (tx: Tx) => T, { canWait = false }: WriteOptions = {}): Promise<T> {
    if (this.#closed) return Promise.reject(new Error("the database is closed"));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule(canWait && this.#queue.length < MOST_WAITING);
    });
  }

  #schedule(canWait: boolean): void {
    if (this.#isDue || (canWait && this.#waiting !== undefined)) return;
    const wait = canWait ? this.#committedAt + COMMIT_GAP_MS - performance.now() : 0;
    if (wait > 0) this.#waiting = setTimeout(() => this.#flush(), wait);
    else {
      this.#isDue = true;
      this.#afterTurn(() => this.#flush());
    }
  }

  /**
   * Runs a write at once, in a transaction with whatever is queued. For start-up and shutdown.
   * @throws {Error} inside another write, or what the write throws
   */
  writeNow<T>(work: (tx: Tx) => T): T {
    if (this.#inTransaction) throw new Error("a write may not start another at once; use write");
    let outcome: { value: T } | { error: unknown } | undefined;
    this.#queue.push({
      work,
      resolve: (value) => (outcome = { value: value as T }),
      reject: (error) => (outcome = { error }),
    });
    this.#flush();
    if (outcome === undefined) throw new Error("the write was not settled by its commit");
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  /**
   * Copies the database into a new file while it is in use, and checks the copy.
   * @throws {Error} when the file is there already or the copy isn't sound
   */
  copyTo(path: string): Promise<CheckedCopy> {
    return copyDatabase(this.#sql, path);
  }

  /** Writes the queue out and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    clearTimeout(this.#waiting);
    this.#statements.clear();
    this.#sql.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#sql.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #flush(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#isDue = false;
    const writes = this.#queue;
    if (writes.length === 0) return;
    this.#queue = [];
    const effects: (() => void)[] = [];
    const undos: (() => void)[] = [];
    const settle: (() => void)[] = [];
    const now = this.#now();
    this.#inTransaction = true;
    try {
      this.#sql.exec("BEGIN IMMEDIATE");
      for (const write of writes) this.#runOne(write, { now, effects, undos, settle });
      this.#sql.exec("COMMIT");
    } catch (error) {
      this.#rollback();
      for (const undo of undos) undo();
      for (const write of writes) write.reject(error);
      return;
    } finally {
      this.#inTransaction = false;
      this.#committedAt = performance.now();
    }
    for (const effect of effects) {
      try {
        effect();
      } catch (error) {
        this.#onEffectError(error);
      }
    }
    for (const answer of settle) answer();
  }

  #runOne(write: PendingWrite, batch: Batch): void {
    const own: { effects: (() => void)[]; undos: (() => void)[] } = { effects: [], undos: [] };
    const tx: Tx = {
      now: batch.now,
      afterCommit: (effect) => own.effects.push(effect),
      onRollback: (undo) => own.undos.push(undo),
    };
    this.#sql.exec("SAVEPOINT one");
    try {
      const value = write.work(tx);
      this.#sql.exec("RELEASE one");
      batch.effects.push(...own.effects);
      batch.undos.push(...own.undos);
      batch.settle.push(() => write.resolve(value));
    } catch (error) {
      // First: where SQLite has given the whole transaction up, the next line throws too.
      for (const undo of own.undos) undo();
      this.#sql.exec("ROLLBACK TO one; RELEASE one");
      batch.settle.push(() => write.reject(error));
    }
  }

  #rollback(): void {
    try {
      this.#sql.exec("ROLLBACK");
    } catch {
      // SQLite has already rolled back by itself (disk full, I/O error); nothing is open.
    }
  }
}

/**
 * Text as it can be read again: what stands behind a NUL would be kept, but never read, so a NUL
 * becomes its visible sign.
 */
function storable(value: SqlValue): SqlValue {
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "␀") : value;
}

interface Batch {
  readonly now: number;
  readonly effects: (() => void)[];
  readonly undos: (() => void)[];
  readonly settle: (() => void)[];
}
