/** What falls due in runs by itself. What could not be stored, as on a full disk, stays due. */
import type { Database } from "../db/database.ts";
import type { Alarms } from "./alarms.ts";
import type { LocalExecutor } from "./local_executor.ts";
import type { RunEvent } from "./run_machine.ts";

/** How long until something that was due, but could not be stored, is tried again. */
const DUE_AGAIN_MS = 1_000;

/** What it works with. */
export interface DueParts {
  readonly db: Database;
  readonly executor: LocalExecutor;
  readonly alarms: Alarms;
  readonly report: (line: string) => void;
}

export class DueWork {
  readonly #parts: DueParts;

  constructor(parts: DueParts) {
    this.#parts = parts;
  }

  /** A retry or deadline is due. */
  happen(runId: string, event: RunEvent): void {
    const { db, executor, report } = this.#parts;
    db.write((tx) => executor.happen(tx, runId, event)).catch((error) => {
      report(`run ${runId}: ${String(error)}`);
      this.#again(`again ${runId} ${JSON.stringify(event)}`, () => this.happen(runId, event));
    });
  }

  /** A run has ended: others may have waited for that. */
  admit(): void {
    const { db, executor, report } = this.#parts;
    db.write((tx) => executor.admit(tx)).catch((error) => {
      report(`queued runs: ${String(error)}`);
      this.#again("admit", () => this.admit());
    });
  }

  #again(key: string, work: () => void): void {
    const { alarms, db } = this.#parts;
    alarms.set(key, db.now() + DUE_AGAIN_MS, work);
  }
}
