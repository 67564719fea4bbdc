/** A control room without a homeserver: what the node hears is given, what it says is kept. */
import { Announcer } from "../../lib/people/announcer.ts";
import { NoticeSender } from "../../lib/people/notice_sender.ts";
import { NoticeStore } from "../../lib/people/notice_store.ts";
import { RoomEar } from "../../lib/people/room_ear.ts";
import { type HomeserverCall, HomeserverError } from "../../lib/matrix/homeserver_request.ts";
import type { Session } from "../../lib/matrix/homeserver_session.ts";
import type { SyncedEvent } from "../../lib/matrix/sync_batch.ts";
import type { Role } from "../../lib/schema/roles.ts";
import { eventually } from "../helpers/eventually.ts";
import type { TestNode } from "../helpers/test_node.ts";

export const ROOM = "!control:matrix.test";
/** The node's own account. */
export const NODE = "@cis-node1:matrix.test";
export const ALICE = "@alice:matrix.test";
export const BOB = "@bob:matrix.test";

/** A message of the node's, as it is shown by now. */
export interface Told {
  readonly event_id: string;
  readonly body: string;
  readonly thread: string | undefined;
  readonly msgtype: string;
}

/** The room, and the node's part in it. */
export interface FakeRoom {
  readonly notices: NoticeStore;
  readonly told: Map<string, Told>;
  /** Files that somebody has attached, by their id. */
  readonly files: Map<string, string>;
  /** Events that can be asked for. */
  readonly events: Map<string, SyncedEvent>;
  /** The node's own reactions, by the message that they are on. */
  readonly offered: ReadonlyMap<string, readonly string[]>;
  /** Events that the homeserver doesn't know any more. */
  readonly forgotten: Set<string>;
  /** Events that the homeserver has taken from the node, by their numbers. */
  readonly taken: ReadonlyMap<string, string>;
  /** Set: what the homeserver answers the next one with, which it has taken all the same. */
  failure: { readonly status: number } | undefined;
  bind(user: string, roles: readonly Role[], more?: object): Promise<string>;
  /** Lets the node hear events, as one batch. */
  hear(...events: SyncedEvent[]): Promise<void>;
  hearAnew(...events: SyncedEvent[]): Promise<void>;
  /** Waits for a message of the node's. */
  sees(text: RegExp): Promise<Told>;
  /** Lets the node's part begin anew, as another life of it would. */
  restart(): void;
}

/** Makes the room for a node that runs. */
export function fakeRoom({ node }: Pick<TestNode, "node">): FakeRoom {
  const notices = new NoticeStore(node.db);
  const told = new Map<string, Told>();
  const files = new Map<string, string>();
  const events = new Map<string, SyncedEvent>();
  const taken = new Map<string, string>();
  const forgotten = new Set<string>();
  const offered = new Map<string, string[]>();
  const request = ({ path, method, body }: HomeserverCall): Promise<Record<string, unknown>> => {
    const last = decodeURIComponent(path.split("/").at(-1) ?? "");
    if (method === "GET" && path.includes("/download/")) {
      return Promise.resolve({ text: files.get(last) });
    }
    if (method === "GET") {
      if (forgotten.has(last)) return Promise.reject(new HomeserverError("?", { status: 404 }));
      return Promise.resolve({ ...events.get(last) });
    }
    const known = taken.get(last);
    const event_id = known ?? `$told-${taken.size}`;
    taken.set(last, event_id);
    if (known === undefined && path.includes("/send/m.reaction/")) offer(offered, body);
    else if (known === undefined) show(told, event_id, body as Record<string, unknown>);
    if (room.failure !== undefined) {
      const error = new HomeserverError("it has its moods", room.failure);
      room.failure = undefined;
      return Promise.reject(error);
    }
    return Promise.resolve({ event_id });
  };
  const session = {
    credentials: { control_room: ROOM, user_id: NODE },
    request,
    requestNow: request,
  } as unknown as Session;
  const begin = (): RoomEar => {
    const sender = new NoticeSender(node, notices);
    const announcer = new Announcer({ node, notices, onNotices: () => sender.wake() });
    announcer.tell(ROOM);
    return new RoomEar({ node, notices, sender, announcer });
  };
  let ear = begin();
  const hear = (heard: SyncedEvent[], isAnew: boolean): Promise<void> =>
    ear.hear({
      next: "t",
      rooms: new Map([[ROOM, heard], ["!elsewhere:matrix.test", heard]]),
      direct: [],
      isFirst: false,
      isAnew,
    }, session);
  const room: FakeRoom = {
    notices,
    told,
    files,
    events,
    taken,
    forgotten,
    offered,
    failure: undefined,
    hear: (...heard) => hear(heard, false),
    hearAnew: (...heard) => hear(heard, true),
    restart: () => void (ear = begin()),
    bind: async (userId, roles, more = {}) =>
      (await node.db.write((tx) =>
        node.tokens.bind(tx, { userId, name: userId, roles, createdBy: null, ...more })
      )).token_id,
    sees: (text) =>
      eventually(
        () =>
          [...told.values()].findLast(({ body, event_id }) =>
            // A homeserver tells the node of its own message before it tells of an answer to it.
            text.test(body) && notices.byEvent(event_id) !== undefined
          ),
        `a message ${text}`,
      ),
  };
  return room;
}

function show(told: Map<string, Told>, event_id: string, content: Record<string, unknown>): void {
  const relation = (content["m.relates_to"] ?? {}) as Record<string, string>;
  const text = (content["m.new_content"] ?? content) as { body: string; msgtype: string };
  const { body, msgtype } = text;
  const edited = told.get(relation.rel_type === "m.replace" ? relation.event_id ?? "" : "");
  if (edited !== undefined) told.set(edited.event_id, { ...edited, body });
  else {
    const thread = relation.rel_type === "m.thread" ? relation.event_id : undefined;
    told.set(event_id, { event_id, body, msgtype, thread });
  }
}

function offer(offered: Map<string, string[]>, body: unknown): void {
  const { "m.relates_to": relation } = body as { "m.relates_to": Record<string, string> };
  const { event_id = "", key = "" } = relation;
  offered.set(event_id, [...offered.get(event_id) ?? [], key]);
}

let made = 0;

/** A message of somebody's. */
export function message(sender: string, body: string, more: object = {}): SyncedEvent {
  const content = { msgtype: "m.text", body, ...more };
  return { event_id: `$said-${made++}`, type: "m.room.message", sender, content };
}

/** A message in a thread. */
export function inThread(sender: string, event_id: string, body: string): SyncedEvent {
  return message(sender, body, { "m.relates_to": { rel_type: "m.thread", event_id } });
}

/** A reaction of somebody's to a message. */
export function reaction(sender: string, event_id: string, key: string): SyncedEvent {
  const content = { "m.relates_to": { rel_type: "m.annotation", event_id, key } };
  return { event_id: `$said-${made++}`, type: "m.reaction", sender, content };
}
