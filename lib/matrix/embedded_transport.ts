/**
 * Rooms without a homeserver: the log is in SQLite, members are worker processes of this machine on
 * a WebSocket each (frames: lib/schema/link_frames.ts).
 *
 * A worker that comes back is not sent the past again. It says what it holds, and the scheduler
 * brings both sides together (`Rescuer.workerReady`), whatever got lost on the way.
 */
import type { Database, Tx } from "../db/database.ts";
import { WorkerFrame } from "../schema/link_frames.ts";
import { ROOM_EVENT_CONTENTS, type RoomEventType } from "../schema/room_events.ts";
import { RoomLog } from "./room_log.ts";
import type {
  IncomingEvent,
  Member,
  OutgoingEvent,
  Transport,
  TransportListeners,
} from "./transport.ts";

/** Whether a worker is who it says: its place, or why it has none. */
export type Authenticate = (
  workerId: string,
  secret: string,
) => Member | { readonly code: string; readonly message: string };

/** Longest frame that a worker may send, in characters. */
const MAX_FRAME = 1024 * 1024;
/** How long a connection may stay without a hello. */
const HELLO_MS = 10_000;
/** After this time a worker whose event could not be stored is sent away to say it again. */
const SAY_AGAIN_MS = 1_000;
/** Types that are kept elsewhere or worth nothing a moment later, and so are not in the log. */
const NOT_LOGGED: readonly string[] = ["io.cis.task.log", "io.cis.worker.heartbeat"];

interface Link {
  readonly socket: WebSocket;
  member: Member | undefined;
}

/** What the transport works with. */
export interface EmbeddedTransportOptions {
  readonly db: Database;
  readonly nodeId: string;
  readonly authenticate: Authenticate;
  /** Told of frames that a worker should not have sent. */
  readonly onMisbehaviour: (member: Member | undefined, what: string) => void;
}

export class EmbeddedTransport implements Transport {
  readonly #options: EmbeddedTransportOptions;
  readonly #log: RoomLog;
  readonly #links = new Map<string, Link>();
  readonly #sender: string;
  #outgoing = new Map<string, string[]>();
  #listeners: TransportListeners | undefined;

  constructor(options: EmbeddedTransportOptions) {
    this.#options = options;
    this.#log = new RoomLog(options.db);
    this.#sender = `@node:${options.nodeId}`;
  }

  connect(listeners: TransportListeners): void {
    this.#listeners = listeners;
  }

  send(tx: Tx, event: OutgoingEvent): void {
    const txn = crypto.randomUUID();
    const seq = this.#log.append(tx, { ...event, sender: this.#sender, txn }) ?? 0;
    tx.afterCommit(() => {
      const text = `{"seq":${seq},"type":${JSON.stringify(event.type)},"content":${event.content}}`;
      const waiting = this.#outgoing.get(event.roomId);
      if (waiting !== undefined) waiting.push(text);
      else this.#outgoing.set(event.roomId, [text]);
      if (this.#outgoing.size === 1 && waiting === undefined) queueMicrotask(() => this.#push());
    });
  }

  /** Takes a worker's connection over, from its first frame to its end. */
  accept(socket: WebSocket): void {
    const link: Link = { socket, member: undefined };
    const impatience = setTimeout(() => socket.close(4000, "no hello"), HELLO_MS);
    socket.onmessage = (message) => {
      clearTimeout(impatience);
      this.#receive(link, message.data);
    };
    socket.onclose = () => {
      clearTimeout(impatience);
      this.#closed(link);
    };
    socket.onerror = () => {
      // The close that follows says all there is to know.
    };
  }

  /** Ends a worker's connection, as when another process takes its place. */
  drop(workerId: string): void {
    const link = this.#links.get(workerId);
    if (link === undefined) return;
    this.#links.delete(workerId);
    close(link.socket, 4001, "replaced");
  }

  stop(): void {
    for (const link of this.#links.values()) close(link.socket, 1001, "the node stops");
    this.#links.clear();
  }

  #push(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = new Map();
    for (const link of this.#links.values()) {
      const events = outgoing.get(link.member?.roomId ?? "");
      if (events === undefined || link.socket.readyState !== WebSocket.OPEN) continue;
      for (const event of events) link.socket.send(`{"op":"events","events":[${event}]}`);
    }
  }

  #receive(link: Link, data: unknown): void {
    const frame = typeof data === "string" && data.length <= MAX_FRAME
      ? parseFrame(data)
      : undefined;
    if (frame === undefined) {
      this.#options.onMisbehaviour(link.member, "a frame that could not be read");
      return close(link.socket, 4002, "unreadable frame");
    }
    if (frame.op === "hello") return this.#hello(link, frame);
    if (link.member === undefined) return close(link.socket, 4003, "hello first");
    if (frame.op === "send") this.#handle(link, link.member, frame);
  }

  #hello(link: Link, frame: Extract<WorkerFrame, { op: "hello" }>): void {
    const answer = this.#options.authenticate(frame.worker_id, frame.secret);
    if ("code" in answer) {
      link.socket.send(JSON.stringify({ op: "refused", ...answer }));
      return close(link.socket, 4004, "refused");
    }
    this.drop(answer.workerId);
    link.member = answer;
    this.#links.set(answer.workerId, link);
    link.socket.send(
      JSON.stringify({ op: "welcome", node_id: this.#options.nodeId, room_id: answer.roomId }),
    );
  }

  #handle(link: Link, from: Member, frame: Extract<WorkerFrame, { op: "send" }>): void {
    const schema = ROOM_EVENT_CONTENTS[frame.type as RoomEventType];
    const content = Object.hasOwn(ROOM_EVENT_CONTENTS, frame.type)
      ? schema.safeParse(frame.content)
      : undefined;
    if (content?.success !== true) {
      this.#options.onMisbehaviour(from, `an event "${frame.type.slice(0, 80)}" that is not valid`);
      // Answered all the same: sending it again would not make it better.
      return this.#sent(link, frame.txn);
    }
    const event = { from, type: frame.type, content: content.data } as IncomingEvent;
    const { db, onMisbehaviour } = this.#options;
    db.write((tx) => {
      if (!this.#isNew(tx, event, frame)) return;
      this.#listeners?.onEvent(tx, event);
    }).then(
      () => this.#sent(link, frame.txn),
      (error) => {
        onMisbehaviour(from, `an event "${frame.type}" that could not be stored: ${String(error)}`);
        // What isn't confirmed is sent again on the next connection. Not at once: a full disk stays so.
        setTimeout(() => close(link.socket, 4005, "not stored"), SAY_AGAIN_MS);
      },
    );
  }

  #isNew(tx: Tx, event: IncomingEvent, frame: Extract<WorkerFrame, { op: "send" }>): boolean {
    if (frame.txn === 0 || NOT_LOGGED.includes(event.type)) return true;
    return this.#log.append(tx, {
      roomId: event.from.roomId,
      sender: `@${event.from.workerId}:${this.#options.nodeId}`,
      txn: `${event.from.instance}/${frame.txn}`,
      type: event.type,
      content: JSON.stringify(frame.content),
    }) !== undefined;
  }

  #sent(link: Link, txn: number): void {
    if (txn === 0 || link.socket.readyState !== WebSocket.OPEN) return;
    link.socket.send(`{"op":"sent","txn":${txn}}`);
  }

  #closed(link: Link): void {
    const { member } = link;
    if (member === undefined || this.#links.get(member.workerId) !== link) return;
    this.#links.delete(member.workerId);
    this.#listeners?.onAway(member);
  }
}

function parseFrame(text: string): WorkerFrame | undefined {
  try {
    const parsed = WorkerFrame.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not JSON: the sender is told by the close.
    return undefined;
  }
}

function close(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.close(code, reason);
}
