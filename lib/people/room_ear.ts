/**
 * Listens to the control room. What somebody says there is done as the token that stands for them, or
 * not at all; that it was heard is noted in the transaction of what it changes, so it counts once
 * however often the homeserver tells of it.
 */
import type { Principal } from "../auth/principal.ts";
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import type { RoomListener } from "../matrix/homeserver_inbox.ts";
import type { Session } from "../matrix/homeserver_session.ts";
import type { SyncBatch, SyncedEvent } from "../matrix/sync_batch.ts";
import type { Node } from "../node.ts";
import type { Announcer } from "./announcer.ts";
import { NOTICE_KEY } from "./notice_content.ts";
import { lostNotices } from "./lost_notices.ts";
import type { NoticeSender, NoticeTarget } from "./notice_sender.ts";
import type { NoticeStore } from "./notice_store.ts";
import { lines, list, type NoticeText, say } from "./notice_text.ts";
import { type Outcome, questionSubject, requestOf, type RoomRequest } from "./room_request.ts";
import { readSaid } from "./said.ts";

/** What listening takes. */
export interface RoomEarOptions {
  readonly node: Node;
  readonly notices: NoticeStore;
  readonly sender: NoticeSender;
  readonly announcer: Announcer;
}

/** Something that somebody bound wants. */
interface Wish {
  readonly event: SyncedEvent;
  readonly thread: string;
  readonly principal: Principal;
}

/** By as much the clocks of node and homeserver may differ. */
const CLOCKS_MS = 60_000;

export class RoomEar implements RoomListener {
  readonly #options: RoomEarOptions;
  /** When the room was last followed, in epoch milliseconds. */
  #followedAt: number | undefined;

  constructor(options: RoomEarOptions) {
    this.#options = options;
  }

  /** @throws {Error} while the node stops: its next life hears it */
  async hear(batch: SyncBatch, { credentials, request, requestNow }: Session): Promise<void> {
    const { sender, announcer } = this.#options;
    const { control_room: room, user_id: self } = credentials;
    if (room === undefined) return;
    sender.use({ room, request });
    announcer.tell(room);
    const events = batch.rooms.get(room) ?? [];
    if (batch.isAnew) await this.#noteLost({ room, request });
    for (const event of batch.isAnew ? this.#sinceFollowed(events) : events) {
      if (event.sender === self) await this.#own(event);
      else await this.#others(event, { room, request: requestNow });
    }
    this.#followedAt = Date.now();
    sender.wake();
  }

  /**
   * What a homeserver that was put back may tell for the first time. It tells of older things as well:
   * what has counted is known, but a remark of last week must not become the reason of today.
   */
  #sinceFollowed(events: readonly SyncedEvent[]): readonly SyncedEvent[] {
    const since = this.#followedAt ?? this.#options.notices.heardAt() ?? Date.now();
    return events.filter(({ origin_server_ts: at }) =>
      typeof at === "number" && at > since - CLOCKS_MS
    );
  }

  /** Notices that the room doesn't have any more are sent again, with their subjects as they are now. */
  async #noteLost(target: NoticeTarget): Promise<void> {
    const { node, notices } = this.#options;
    const lost = await lostNotices(notices, target);
    if (lost.length === 0) return;
    await node.db.write((tx) => {
      for (const row of lost) notices.lost(tx, row);
    });
  }

  isKnown({ event_id }: SyncedEvent): boolean {
    const { notices } = this.#options;
    return notices.isHeard(event_id) || notices.byEvent(event_id) !== undefined;
  }

  /** The node's own message: its id may not have been noted, if a life ended between. */
  async #own({ event_id, content }: SyncedEvent): Promise<void> {
    const txn = (content as Record<string, unknown> | null)?.[NOTICE_KEY];
    if (typeof txn !== "string") return;
    const { node, notices } = this.#options;
    if (notices.byEvent(event_id) !== undefined) return;
    await node.db.write((tx) => notices.shown(tx, txn, event_id));
  }

  async #others(event: SyncedEvent, target: NoticeTarget): Promise<void> {
    const { node, notices } = this.#options;
    if (event.type === "m.room.encryption") {
      return node.report(
        "the control room is encrypted, and the node doesn't read encrypted rooms: remove its " +
          "alias, and make another with: deno task matrix setup",
      );
    }
    const said = readSaid(event);
    const request = said && requestOf(said, event.sender, { node, notices, target });
    if (request === undefined) return;
    if (!node.isReady) throw new Error("the node is stopping");
    const token = node.tokens.boundTo(event.sender);
    const principal = token && node.tokens.principal(token.token_id);
    if (principal === undefined) await this.#unbound(event, request);
    else await this.#grant({ event, thread: request.thread, principal }, request);
  }

  /** Said once to each, however much they say. */
  async #unbound({ sender, event_id }: SyncedEvent, { thread }: RoomRequest): Promise<void> {
    const { node, notices } = this.#options;
    const content =
      say`${sender} is nobody to this node yet. An admin says who you are with: deno task token bind ${sender} --role approver`;
    await node.db.write((tx) => {
      // Told of again when they are somebody, it still isn't what somebody said.
      if (!notices.hear(tx, event_id)) return;
      notices.addFixed(tx, { kind: "unbound", subject: sender, content, thread });
    });
  }

  async #grant(wish: Wish, request: RoomRequest): Promise<void> {
    const { node } = this.#options;
    let outcome: Outcome | undefined;
    try {
      const found = outcome = await request.prepare({ node, principal: wish.principal });
      await node.db.write((tx) => this.#carryOut(tx, wish, found));
    } catch (error) {
      if (node.ending.aborted) throw error;
      await this.#refuse(wish, { error, outcome });
    }
  }

  #carryOut(tx: Tx, wish: Wish, outcome: Outcome): void {
    const { node, notices } = this.#options;
    const { event, thread, principal } = wish;
    if (!notices.hear(tx, event.event_id)) return;
    if ("question" in outcome) {
      outcome.check(tx);
      const subject = questionSubject(thread, event.sender);
      notices.addFixed(tx, { kind: "question", subject, content: outcome.question, thread });
    } else if ("perform" in outcome) {
      const { answer, detail = {}, target = outcome.target } = outcome.perform(tx);
      node.audit.append(tx, {
        tokenId: principal.tokenId,
        action: outcome.action,
        ...(target === undefined ? {} : { target }),
        outcome: "done",
        detail,
        requestId: event.event_id,
      });
      if (answer !== undefined && outcome.isShown !== true) this.#answer(tx, wish, answer);
    } else this.#answer(tx, wish, outcome.answer);
  }

  async #refuse(
    wish: Wish,
    { error, outcome }: { readonly error: unknown; readonly outcome: Outcome | undefined },
  ): Promise<void> {
    const { node, notices } = this.#options;
    const { event, principal } = wish;
    if (!(error instanceof CisError)) {
      node.report(`what ${event.sender} said in the control room failed: ${String(error)}`);
    }
    const isNew = await node.db.write((tx) => {
      if (!notices.hear(tx, event.event_id)) return false;
      this.#answer(tx, wish, refusalText(error));
      return true;
    });
    if (!isNew || !(error instanceof CisError) || outcome === undefined) return;
    if (!("perform" in outcome)) return;
    const { action, target } = outcome;
    await node.refusals.note({
      tokenId: principal.tokenId,
      action,
      ...(target === undefined ? {} : { target }),
      code: error.code,
      requestId: event.event_id,
    });
  }

  #answer(tx: Tx, { event, thread }: Wish, content: NoticeText): void {
    const subject = event.event_id;
    this.#options.notices.addFixed(tx, { kind: "answer", subject, content, thread });
  }
}

function refusalText(error: unknown): NoticeText {
  if (!(error instanceof CisError)) {
    return say`⚠ Something went wrong in the node; its log says what.`;
  }
  return lines(
    say`⚠ ${error.message}`,
    error.errors.length < 2
      ? undefined
      : list(error.errors.map(({ path, message }) => say`${path} ${message}`), 10),
  );
}
