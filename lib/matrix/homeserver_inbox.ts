/**
 * What comes from the homeserver: who sent it is checked, then what it says, and it is dealt with
 * once, in one transaction with the token that says how far the node has come.
 */
import type { Database, Tx } from "../db/database.ts";
import { ROOM_EVENT_CONTENTS, type RoomEventType } from "../schema/room_events.ts";
import { roomId as nodeRoomId } from "../schema/scope.ts";
import type { Session } from "./homeserver_session.ts";
import type { Anchor } from "./landmarks.ts";
import { incomingContent } from "./room_content.ts";
import { RoomLog } from "./room_log.ts";
import type { RoomStore, WorkerRoom } from "./room_store.ts";
import type { SyncBatch, SyncedEvent } from "./sync_batch.ts";
import type { IncomingEvent, Member, TransportListeners } from "./transport.ts";

/** What receiving takes. */
export interface InboxOptions {
  readonly db: Database;
  readonly nodeId: string;
  readonly store: RoomStore;
  readonly listeners: () => TransportListeners | undefined;
  /** The worker's room of this id of the homeserver. */
  readonly byRoom: (room: string) => WorkerRoom | undefined;
  /** The worker with this account. */
  readonly byUser: (user: string) => WorkerRoom | undefined;
  /** Somebody has sent what they may not, or what nobody can read. */
  readonly onComplaint: (from: Member | string, what: string) => void;
  /** A room has been made unusable. */
  readonly onEncrypted: (room: WorkerRoom) => void;
  /** Something valid has come. Within the transaction. */
  readonly onTaken: (tx: Tx, event: IncomingEvent) => void;
}

/** Listens to what others than workers say in rooms: people, and other nodes. */
export interface RoomListener {
  /**
   * Deals with what is new, before it is noted that it has been: what is told again after a crash is its
   * to know. Is told of batches with nothing in them too.
   */
  hear(batch: SyncBatch, session: Session): Promise<void>;
  /** Whether an event has been dealt with. */
  isKnown(event: SyncedEvent): boolean;
}

/** Types that are kept elsewhere, and so are not in the log. */
const NOT_LOGGED: readonly string[] = ["io.cis.task.log"];
/** As often a batch is tried as a whole; then its events one by one, without those that fail. */
const TRIES = 3;

/** An event of a worker that is about to be dealt with. */
interface Found {
  readonly event: IncomingEvent;
  readonly sender: string;
  /** The homeserver's id; undefined for what is in no room. */
  readonly eventId: string | undefined;
  readonly content: unknown;
}

export class HomeserverInbox {
  readonly #options: InboxOptions;
  readonly #log: RoomLog;
  /** By account, the last event that was dealt with. */
  readonly #heard = new Map<string, string | undefined>();
  /** undefined: nobody listens to people. */
  people: RoomListener | undefined;
  /** undefined: this node shares nothing with others. */
  nodes: RoomListener | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#log = new RoomLog(options.db);
  }

  /** Deals with a batch. Settles when that is durable. */
  async take(batch: SyncBatch, session: Session): Promise<void> {
    const { db, store } = this.#options;
    const { user_id } = session.credentials;
    await this.people?.hear(batch, session);
    await this.nodes?.hear(batch, session);
    const found = await this.#find(batch, session);
    const keepToken = (tx: Tx): void => {
      store.saveToken(tx, user_id, batch.next);
      tx.afterCommit(() => this.#noteHeard(found));
    };
    for (let tries = 1; tries <= TRIES; tries++) {
      try {
        return await db.write((tx) => {
          for (const each of found) this.#handle(tx, each);
          keepToken(tx);
        });
      } catch (error) {
        if (tries === TRIES) this.#options.onComplaint("the homeserver", failedText(error));
      }
    }
    for (const each of found) {
      await db.write((tx) => this.#handle(tx, each))
        .catch((error) => this.#options.onComplaint(each.event.from, failedText(error)));
    }
    await db.write(keepToken);
  }

  /** Whether an event was dealt with before. Of lines of output that isn't known. */
  isKnown(event: SyncedEvent): boolean {
    return this.#log.has(event.sender, event.event_id) ||
      [this.people, this.nodes].some((listener) => listener?.isKnown(event) === true);
  }

  /** The last event of a worker that was dealt with. @param user its account */
  heardOf(user: string): string | undefined {
    if (!this.#heard.has(user)) this.#heard.set(user, this.#options.store.lastEvent(user)?.txn);
    return this.#heard.get(user);
  }

  /** The last event of any worker that was dealt with, and kept. */
  lastHeard(): Anchor | undefined {
    const last = this.#options.store.lastEvent();
    const room = last && this.#options.byUser(last.sender);
    return last && room && { room: room.room_id, event_id: last.txn };
  }

  async #find(batch: SyncBatch, session: Session): Promise<Found[]> {
    const { byRoom, byUser } = this.#options;
    const self = session.credentials.user_id;
    const found: (Found | undefined)[] = [];
    for (const [id, events] of batch.rooms) {
      const room = byRoom(id);
      if (room === undefined) continue;
      for (const event of events) {
        if (event.type === "m.room.encryption") this.#options.onEncrypted(room);
        if (event.sender === self || !event.type.startsWith("io.cis.")) continue;
        if (event.sender !== room.user_id) {
          const what = `${quoted(event.type)} in ${room.alias}, which isn't theirs to say`;
          this.#options.onComplaint(event.sender, what);
        } else found.push(await this.#read(event, { room, session }));
      }
    }
    for (const { sender, type, content } of batch.direct) {
      const room = byUser(sender);
      if (room === undefined || type !== "io.cis.worker.heartbeat") continue;
      found.push(await this.#read({ sender, type, content }, { room, session }));
    }
    return found.filter((each) => each !== undefined);
  }

  /** What an event says, if that is something. */
  async #read(
    given: {
      readonly sender: string;
      readonly type: string;
      readonly content: unknown;
      readonly event_id?: string;
    },
    { room, session }: { readonly room: WorkerRoom; readonly session: Session },
  ): Promise<Found | undefined> {
    const { sender, type, event_id: eventId } = given;
    const from: Member = {
      workerId: room.worker_id,
      instance: instanceOf(given.content),
      roomId: nodeRoomId(room.worker_id, this.#options.nodeId),
    };
    const content = Object.hasOwn(ROOM_EVENT_CONTENTS, type)
      ? ROOM_EVENT_CONTENTS[type as RoomEventType].safeParse(
        await incomingContent(session.request, given.content),
      )
      : undefined;
    if (content?.success !== true) {
      this.#options.onComplaint(from, `an event ${quoted(type)} that is not valid`);
      return undefined;
    }
    const event = { from, type, content: content.data } as IncomingEvent;
    return { event, sender, eventId, content: content.data };
  }

  #noteHeard(found: readonly Found[]): void {
    for (const { sender, eventId } of found) {
      if (eventId !== undefined) this.#heard.set(sender, eventId);
    }
  }

  #handle(tx: Tx, { event, sender, eventId, content }: Found): void {
    const isNew = eventId === undefined || NOT_LOGGED.includes(event.type) ||
      this.#log.append(tx, {
          roomId: event.from.roomId,
          sender,
          txn: eventId,
          type: event.type,
          content: JSON.stringify(content),
        }) !== undefined;
    if (!isNew) return;
    const listeners = this.#options.listeners();
    tx.afterCommit(() => listeners?.onHeard(event.from));
    listeners?.onEvent(tx, event);
    this.#options.onTaken(tx, event);
  }
}

/** Which life of the worker speaks: each says so itself, and nobody else has its account. */
function instanceOf(content: unknown): string {
  const { instance } = (content ?? {}) as { instance?: unknown };
  return typeof instance === "string" ? instance : "";
}

function failedText(error: unknown): string {
  return `an event that failed: ${String(error)}`;
}

/** A type that somebody made up, for a line of the log. */
function quoted(type: string): string {
  return JSON.stringify(type.slice(0, 80));
}
