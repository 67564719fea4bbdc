/** Marks versions expired when their time to be confirmed is over. `decide` doesn't depend on it. */
import type { Database } from "../db/database.ts";
import type { Alarms } from "./alarms.ts";
import type { EventLog } from "./event_log.ts";

export interface ExpirerParts {
  readonly db: Database;
  readonly events: EventLog;
  readonly alarms: Alarms;
}

export class Expirer {
  readonly #parts: ExpirerParts;

  constructor(parts: ExpirerParts) {
    this.#parts = parts;
  }

  /** Expires what is due and sets the alarm for the next. After a publish and at start-up. */
  async runOnce(): Promise<void> {
    const { db, events } = this.#parts;
    await db.write((tx) => {
      const due = db.all<{ dag_id: string; version: number }>(
        `UPDATE dag_specs SET status = 'expired', decided_at = ?
         WHERE status = 'waiting_confirmation' AND expires_at <= ? RETURNING dag_id, version`,
        tx.now,
        tx.now,
      );
      for (const { dag_id, version } of due) {
        events.append(tx, { type: "dag.expired", dagId: dag_id, data: { version } });
      }
    });
    this.setAlarm();
  }

  /** Sets the alarm for the version that expires first. */
  setAlarm(): void {
    const { db, alarms } = this.#parts;
    const next = db.get<{ at: number | null }>(
      "SELECT min(expires_at) AS at FROM dag_specs WHERE status = 'waiting_confirmation'",
    )?.at ?? null;
    if (next === null) return alarms.clear("expiry");
    // Nothing can be lost by a failure here: the next publish or start looks again.
    alarms.set("expiry", next, () => void this.runOnce().catch(() => {}));
  }
}
