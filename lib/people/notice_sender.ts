/**
 * Sends notices, one after the other. New messages go at once; edits come with pauses between them, each
 * with how its subject stands by then: a run of a thousand tasks is a few edits, and no flood.
 */
import { HomeserverError, type HomeserverRequest } from "../matrix/homeserver_request.ts";
import { troubleText } from "../matrix/homeserver_session.ts";
import { pause } from "../matrix/patient_request.ts";
import { sendEvent } from "../matrix/room_content.ts";
import type { Node } from "../node.ts";
import { offerAnswers } from "./answer_offers.ts";
import { isOpen, liveNotice, threadOf } from "./live_notice.ts";
import { editContent, newContent } from "./notice_content.ts";
import type { NoticeRow, NoticeStore } from "./notice_store.ts";
import type { NoticeText } from "./notice_text.ts";

/** Between two edits, whatever they are of: a homeserver's limits are for workers' tasks first. */
const EDIT_PAUSE_MS = 2_000;
/** After a no that doesn't pass by itself. */
const ASK_AGAIN_MS = 5_000;

/** Where notices go, and by whose session. */
export interface NoticeTarget {
  readonly room: string;
  readonly request: HomeserverRequest;
}

export class NoticeSender {
  readonly #node: Node;
  readonly #notices: NoticeStore;
  #target: NoticeTarget | undefined;
  #isBusy = false;
  #editedAt = -Infinity;
  #trouble: string | undefined;

  constructor(node: Node, notices: NoticeStore) {
    this.#node = node;
    this.#notices = notices;
  }

  /** Sends there from now on. */
  use(target: NoticeTarget): void {
    this.#target = target;
    this.wake();
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#isBusy || this.#target === undefined) return;
    this.#isBusy = true;
    void this.#drain().finally(() => this.#isBusy = false);
  }

  async #drain(): Promise<void> {
    const { ending, report } = this.#node;
    while (!ending.aborted && this.#target !== undefined) {
      try {
        const row = this.#notices.next();
        if (row === undefined) return;
        if (row.event_id !== null) await this.#patience();
        await this.#send(this.#notices.next() ?? row, this.#target);
      } catch (error) {
        if (ending.aborted) return;
        const reason = troubleText(error);
        if (reason !== this.#trouble) report(`the control room takes nothing: ${reason}`);
        this.#trouble = reason;
        // The end of the node ends the wait, and the loop.
        await pause(ASK_AGAIN_MS, ending).catch(() => undefined);
      }
    }
  }

  async #patience(): Promise<void> {
    const left = this.#editedAt + EDIT_PAUSE_MS - performance.now();
    if (left > 0) await pause(left, this.#node.ending);
  }

  async #send(row: NoticeRow, { room, request }: NoticeTarget): Promise<void> {
    const notice = this.#textOf(row);
    if (notice === undefined) {
      return await this.#node.db.write((tx) => this.#notices.remove(tx, row));
    }
    const event = {
      type: "m.room.message",
      txn: `${row.txn}.${row.revision}`,
      content: JSON.stringify(this.#contentOf(row, notice)),
    };
    try {
      const eventId = await sendEvent(request, room, event);
      // Before it is noted as sent: whoever dies in between does both again, under the same numbers.
      if (row.sent_revision === 0 && isOpen(this.#node, row)) {
        await offerAnswers({ room, request }, { eventId: row.event_id ?? eventId, txn: row.txn });
      }
      await this.#node.db.write((tx) => this.#notices.sent(tx, row, eventId));
      this.#trouble = undefined;
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.#node.report(`a notice about ${row.subject} is left out: ${error.message}`);
      await this.#node.db.write((tx) => this.#notices.sent(tx, row, row.event_id));
    } finally {
      if (row.event_id !== null) this.#editedAt = performance.now();
    }
  }

  #textOf(row: NoticeRow): NoticeText | undefined {
    return row.content === null
      ? liveNotice(this.#node, row)
      : JSON.parse(row.content) as NoticeText;
  }

  #contentOf(row: NoticeRow, notice: NoticeText): Record<string, unknown> {
    const asks = row.kind === "version" || row.kind === "decision" || row.kind === "question";
    if (row.event_id !== null) return editContent(notice, { eventId: row.event_id, asks });
    const thread = threadOf(row, { node: this.#node, notices: this.#notices });
    return newContent(notice, { txn: row.txn, asks, thread });
  }
}

/** This very event won't do, as one about a message that the homeserver has forgotten; others may. */
function isRefused(error: unknown): error is HomeserverError {
  return error instanceof HomeserverError && [400, 404, 413].includes(error.status ?? 0);
}
