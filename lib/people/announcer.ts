/**
 * Turns what happens in the node, whichever door it came through, into notices: it reads the node's
 * events from where it has got to, and notes that with what it made of them. So nothing that happens
 * while the node dies is left untold, or told twice.
 */
import type { Tx } from "../db/database.ts";
import type { Node } from "../node.ts";
import type { EventView } from "../schema/api.ts";
import { type NoticeStore, versionSubject } from "./notice_store.ts";

/** So many events are read at a time. */
const BATCH = 500;
/** What happened longer ago is no news: the homeserver may not have been in the settings for weeks. */
const NEWS_MS = 24 * 60 * 60 * 1000;

/** What announcing takes. */
export interface AnnouncerOptions {
  readonly node: Node;
  readonly notices: NoticeStore;
  /** There may be something to send. */
  readonly onNotices: () => void;
}

export class Announcer {
  readonly #options: AnnouncerOptions;
  #room: string | undefined;
  #isBusy = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Tells a room from now on; done again for the same room it does nothing. */
  tell(room: string): void {
    if (this.#room === room) return;
    const isFirst = this.#room === undefined;
    this.#room = room;
    const { node } = this.#options;
    if (isFirst) {
      const unsubscribe = node.events.subscribe(() => this.#wake());
      node.ending.addEventListener("abort", unsubscribe, { once: true });
    }
    this.#wake();
  }

  #wake(): void {
    if (this.#isBusy || this.#options.node.ending.aborted) return;
    this.#isBusy = true;
    this.#catchUp()
      .catch((error) => {
        const { node } = this.#options;
        if (!node.ending.aborted) node.report(`the control room was not told: ${String(error)}`);
      })
      .finally(() => this.#isBusy = false);
  }

  async #catchUp(): Promise<void> {
    const { node, notices, onNotices } = this.#options;
    for (;;) {
      const room = this.#room ?? "";
      const told = notices.told(room);
      const events = told === undefined ? [] : node.events.read({ after: told, limit: BATCH });
      const last = events.at(-1)?.seq;
      if (told !== undefined && last === undefined) return;
      await node.db.write((tx) => {
        for (const event of events) this.#note(tx, event);
        notices.saveTold(tx, room, last ?? node.events.latest());
      }, { canWait: true });
      onNotices();
    }
  }

  #note(tx: Tx, { type, time, dag_id, run_id, data }: EventView): void {
    const { notices } = this.#options;
    const isNews = tx.now - Date.parse(time) < NEWS_MS;
    if (dag_id !== null && type.startsWith("dag.") && typeof data.version === "number") {
      const subject = versionSubject(dag_id, data.version);
      if (type === "dag.published" && isNews) notices.addLive(tx, "version", subject);
      else notices.touch(tx, "version", subject);
    }
    if (run_id === null) return;
    if (typeof data.decision_id === "string") {
      if (type === "decision.requested" && isNews) {
        notices.addLive(tx, "decision", data.decision_id);
      } else notices.touch(tx, "decision", data.decision_id);
    }
    if (this.#isNewsOfRun(type, run_id)) notices.addLive(tx, "run", run_id);
    notices.touch(tx, "run", run_id);
  }

  /**
   * A run is followed below the announcement of its version. Nobody waits for one that the clock has
   * begun, so only its failure is worth a word.
   */
  #isNewsOfRun(type: string, runId: string): boolean {
    if (type !== "run.queued" && type !== "run.failed") return false;
    const { notices, node } = this.#options;
    const run = node.runs.load(runId);
    if (run === undefined || (run.triggered_by === "schedule" && type === "run.queued")) {
      return false;
    }
    return notices.bySubject("version", versionSubject(run.dag_id, run.version)) !== undefined;
  }
}
