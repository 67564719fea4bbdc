/** What worker processes themselves write, on its way into the store: many lines share a write. */
import type { Database } from "../db/database.ts";
import type { LogStore } from "./log_store.ts";

export interface WorkerOutputParts {
  readonly db: Database;
  readonly logs: LogStore;
  /** Told lines about what goes wrong. */
  readonly report: (line: string) => void;
}

/** Lines of one worker that may wait to be written; what comes on top of them is dropped. */
const MOST_WAITING = 10_000;

export class WorkerOutput {
  readonly #parts: WorkerOutputParts;
  readonly #waiting = new Map<string, string[]>();

  constructor(parts: WorkerOutputParts) {
    this.#parts = parts;
  }

  /** Takes a line. */
  add(workerId: string, line: string): void {
    const waiting = this.#waiting.get(workerId);
    if (waiting === undefined) {
      this.#waiting.set(workerId, [line]);
      this.#write(workerId);
    } else if (waiting.length < MOST_WAITING) waiting.push(line);
    else if (waiting.length === MOST_WAITING) waiting.push("[lines dropped: too many at once]");
  }

  #write(workerId: string): void {
    const { db, logs, report } = this.#parts;
    db.write((tx) => {
      const lines = this.#waiting.get(workerId) ?? [];
      this.#waiting.delete(workerId);
      logs.appendOfWorker(tx, workerId, lines);
    }, { canWait: true }).catch((error) => report(`log of ${workerId}: ${String(error)}`));
  }
}
