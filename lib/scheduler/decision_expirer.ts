/** Closes decisions whose time is over, and does what is to be done then. */
import type { Database } from "../db/database.ts";
import type { Alarms } from "./alarms.ts";
import { finish, requireDecision } from "./answer_decision.ts";
import type { DecisionRow, DecisionStore } from "./decision_store.ts";
import type { EventLog } from "./event_log.ts";
import type { LocalExecutor } from "./local_executor.ts";

export interface DecisionExpirerParts {
  readonly db: Database;
  readonly decisions: DecisionStore;
  readonly events: EventLog;
  readonly executor: LocalExecutor;
  readonly alarms: Alarms;
  /** Told what could not be stored and is tried again. */
  readonly report: (line: string) => void;
}

/** How long until what could not be stored is tried again. */
const AGAIN_MS = 1_000;

export class DecisionExpirer {
  readonly #parts: DecisionExpirerParts;

  constructor(parts: DecisionExpirerParts) {
    this.#parts = parts;
  }

  /**
   * Closes what is due and sets the alarm for the next.
   * @param options.missed at start-up: nobody could answer while the node was down, so that a
   * countdown that ended meanwhile starts nothing
   */
  async runOnce({ missed = false }: { readonly missed?: boolean } = {}): Promise<void> {
    const { db, decisions } = this.#parts;
    await db.write((tx) => {
      for (let id = decisions.expireNext(tx); id !== undefined; id = decisions.expireNext(tx)) {
        const row = requireDecision(decisions, id);
        const verdict = missed ? "missed" : "expired";
        finish(tx, this.#parts, { row, verdict, reason: reasonOf(row, missed) });
      }
    });
    this.setAlarm();
  }

  /** Sets the alarm for the decision that expires first. */
  setAlarm(): void {
    const { alarms, decisions } = this.#parts;
    const next = decisions.nextExpiry();
    if (next === null) return alarms.clear("decisions");
    this.#ringAt(next);
  }

  #ringAt(at: number): void {
    const { alarms, report } = this.#parts;
    alarms.set("decisions", at, () => {
      this.runOnce().catch((error) => {
        report(`decisions that are due: ${String(error)}`);
        this.#ringAt(this.#parts.db.now() + AGAIN_MS);
      });
    });
  }
}

function reasonOf(row: DecisionRow, missed: boolean): string {
  const until = new Date(row.expires_at).toISOString();
  if (row.kind === "recommended") {
    if (!missed) return `nobody objected by ${until}`;
    return `its countdown ended at ${until}, while the node was down and nobody could object`;
  }
  if (row.kind === "arbitrated") return `not enough stakeholders had agreed by ${until}`;
  return `nobody said yes by ${until}`;
}
