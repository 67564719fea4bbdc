/** One node's connection to its disk, in whose way faults are put: the node's death, a full disk. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Disk } from "./disk.ts";

/** Thrown at a node that is dead, for whatever it still wants of its disk. */
export class NodeDied extends Error {
  override readonly name = "NodeDied";
}

/** What a full disk does: the statement fails, or with it the transaction, or only its commit. */
export type FullDisk = "statement" | "transaction" | "commit";

export class FaultyConnection {
  readonly #disk: Disk;
  #isDead = false;
  /** How many statements the node has left, and whether the last of them takes effect. */
  #left: { statements: number; lastTakesEffect: boolean } | undefined;
  /** What is wrong with a statement that writes, if anything. */
  fullDisk: () => FullDisk | undefined = () => undefined;
  /** Called after each commit, whether the node lives to see it or not. */
  onCommit: () => void = () => {};

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Ends the node now, and what it had not committed. */
  die(): void {
    this.#isDead = true;
    this.#disk.recover();
  }

  /** Lets the node die at a statement from now on: before it, or right after. */
  dieAfter(statements: number, { lastTakesEffect }: { readonly lastTakesEffect: boolean }): void {
    this.#left = { statements, lastTakesEffect };
  }

  /** As the node's database uses it. */
  connect(): DatabaseSync {
    const connection: Pick<DatabaseSync, "exec" | "prepare" | "close"> = {
      exec: (sql) => this.#exec(sql),
      prepare: (sql) => this.#prepare(sql),
      close: () => {},
    };
    return connection as DatabaseSync;
  }

  #exec(sql: string): void {
    this.#step(() => {
      const isCommit = sql === "COMMIT";
      if (isCommit && this.fullDisk() !== undefined) throw new Error("database or disk is full");
      // The disk has its settings; setting them again would have every statement prepared anew.
      if (!sql.startsWith("PRAGMA ")) this.#disk.exec(sql);
      if (isCommit) this.onCommit();
    });
  }

  #prepare(sql: string): StatementSync {
    const { statement, writes } = this.#disk.prepare(sql);
    return new Proxy(statement, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...values: unknown[]): unknown =>
          this.#step(() => {
            if (writes) this.#requireRoom();
            return Reflect.apply(method, target, values);
          });
      },
    });
  }

  #requireRoom(): void {
    const full = this.fullDisk();
    if (full === undefined || full === "commit") return;
    if (full === "transaction") this.#disk.recover();
    throw new Error("database or disk is full");
  }

  #step<T>(work: () => T): T {
    if (this.#isDead) throw new NodeDied();
    const left = this.#left;
    if (left === undefined || --left.statements > 0) return work();
    try {
      if (left.lastTakesEffect) work();
    } finally {
      this.die();
    }
    throw new NodeDied();
  }
}
