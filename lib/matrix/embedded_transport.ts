/**
 * Rooms without a homeserver: the log is in SQLite, members are worker processes of this machine on
 * a connection each to the node's socket file (frames: lib/schema/link_frames.ts).
 *
 * A worker that comes back is not sent the past again. It says what it holds, and the scheduler
 * brings both sides together (`Rescuer.workerReady`), whatever got lost on the way.
 */
import type { Database, Tx } from "../db/database.ts";
import { WorkerFrame } from "../schema/link_frames.ts";
import { ROOM_EVENT_CONTENTS, type RoomEventType } from "../schema/room_events.ts";
import { Complaints } from "./complaints.ts";
import { Conducts } from "./conducts.ts";
import { FrameSocket } from "./frame_socket.ts";
import { listenAt } from "./node_socket.ts";
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

/** What may wait to be read by a worker before the node stops listening to it, in characters. */
const MAX_UNSENT = 1024 * 1024;
/**
 * Frames of one worker that are handled in 50 ms: 2,000 a second. Results and lines travel in
 * batches, so that one that has work for a whole machine stays below that.
 */
const MAX_PER_WINDOW = 100;
/** After a failure of the store, how long until what failed is asked for again. */
const ASK_AGAIN_MS = 1_000;
/** Types that are said once on a connection. */
const SAID_ONCE: readonly string[] = ["io.cis.worker.ready", "io.cis.worker.shutdown"];
/** How long a connection may stay without a hello. */
const HELLO_MS = 10_000;
/** Types that are kept elsewhere or worth nothing a moment later, and so are not in the log. */
const NOT_LOGGED: readonly string[] = ["io.cis.task.log", "io.cis.worker.heartbeat"];

interface Link {
  readonly socket: FrameSocket;
  member: Member | undefined;
  /** Of those types that are said once, what has been said. */
  readonly said: Set<string>;
}

/** What the transport works with. */
export interface EmbeddedTransportOptions {
  readonly db: Database;
  readonly nodeId: string;
  readonly authenticate: Authenticate;
  /** A worker has misbehaved so often that its process has to end. */
  readonly onExpelled: (member: Member, what: string) => void;
  /** Values of the secrets that a worker's tasks may declare, by name, as they are now. */
  readonly secretsOf: (workerId: string) => Readonly<Record<string, string>>;
  /** Told lines about what goes wrong, a few of them however often it does. */
  readonly report: (line: string) => void;
}

export class EmbeddedTransport implements Transport {
  readonly #options: EmbeddedTransportOptions;
  readonly #log: RoomLog;
  readonly #links = new Map<string, Link>();
  readonly #sender: string;
  readonly #complaints: Complaints;
  /** Of each worker's present life. */
  readonly #conducts = new Conducts();
  #listener: Deno.UnixListener | undefined;
  #outgoing = new Map<string, string[]>();
  #listeners: TransportListeners | undefined;

  constructor(options: EmbeddedTransportOptions) {
    this.#options = options;
    this.#log = new RoomLog(options.db);
    this.#sender = `@node:${options.nodeId}`;
    this.#complaints = new Complaints(options.report);
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

  /**
   * Takes connections at a socket file from now on.
   * @throws Deno's errors when it can't be made
   */
  listen(path: string): void {
    this.#listener = listenAt(path);
    void this.#acceptAll(this.#listener);
  }

  async #acceptAll(listener: Deno.UnixListener): Promise<void> {
    try {
      for await (const conn of listener) this.#accept(conn);
    } catch (error) {
      this.#complaints.tell("a connection", `nothing, but an error: ${String(error)}`);
    }
  }

  /** Takes a worker's connection over, from its first frame to its end. */
  #accept(conn: Deno.Conn): void {
    const impatience = setTimeout(() => socket.close(), HELLO_MS);
    const socket = new FrameSocket(conn, {
      onFrame: (text) => {
        clearTimeout(impatience);
        return this.#receive(link, text);
      },
      onOversize: () => this.#blame(link, "a frame that is too long", Infinity),
      onClose: () => {
        clearTimeout(impatience);
        this.#closed(link);
      },
    }, { maxUnsent: MAX_UNSENT, maxPerWindow: MAX_PER_WINDOW });
    const link: Link = { socket, member: undefined, said: new Set() };
  }

  /** Gives every connected worker its secrets anew, before anything that is sent later. */
  sendSecrets(): void {
    for (const link of this.#links.values()) this.#sendSecrets(link);
  }

  /** Ends a worker's connection, as when another process takes its place. Not told to anybody. */
  drop(workerId: string, instance?: string): void {
    const link = this.#links.get(workerId);
    if (link === undefined || (instance ?? link.member?.instance) !== link.member?.instance) return;
    this.#links.delete(workerId);
    link.socket.close();
  }

  /**
   * Holds something against a worker that it should not have sent. Many of such end its connection,
   * and after that its process.
   * @param weight in points, of which twenty end a connection
   */
  complain(member: Member, what: string, weight: number = 1): void {
    const link = this.#links.get(member.workerId);
    if (link?.member?.instance === member.instance) this.#blame(link, what, weight);
  }

  stop(): Promise<void> {
    this.#complaints.stop();
    this.#listener?.close();
    const links = [...this.#links.values()];
    // First, so that nobody is told that they are away: nothing is done about it any more.
    this.#links.clear();
    for (const { socket } of links) socket.close();
    // What came before this is in the queue of the store, which writes it before it closes.
    return Promise.resolve();
  }

  #push(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = new Map();
    for (const link of this.#links.values()) {
      for (const event of outgoing.get(link.member?.roomId ?? "") ?? []) {
        link.socket.send(`{"op":"events","events":[${event}]}`);
      }
    }
  }

  /** @returns when the frame has been handled, where that takes time */
  #receive(link: Link, text: string): Promise<void> | undefined {
    if (link.member !== undefined) this.#listeners?.onHeard(link.member);
    const frame = parseFrame(text);
    if (frame === undefined) this.#blame(link, "a frame that could not be read", Infinity);
    else if (frame.op === "hello" && link.member === undefined) this.#hello(link, frame);
    else if (frame.op === "hello") this.#blame(link, "a second hello", Infinity);
    else if (link.member === undefined) link.socket.close();
    else return this.#handle(link, link.member, frame);
    return undefined;
  }

  #blame(link: Link, what: string, weight: number): void {
    const { member } = link;
    // What may happen to anybody is no news.
    if (weight >= 1) this.#complaints.tell(member?.workerId ?? "a connection", what);
    if (member === undefined) return link.socket.close();
    const verdict = this.#conducts.judge(member, weight);
    if (verdict !== "tolerate") link.socket.close();
    if (verdict === "expel") this.#options.onExpelled(member, what);
  }

  #hello(link: Link, frame: Extract<WorkerFrame, { op: "hello" }>): void {
    const answer = this.#options.authenticate(frame.worker_id, frame.secret);
    if ("code" in answer) {
      link.socket.send(JSON.stringify({ op: "refused", ...answer }));
      return link.socket.end();
    }
    this.drop(answer.workerId);
    link.member = answer;
    this.#links.set(answer.workerId, link);
    link.socket.send(
      JSON.stringify({ op: "welcome", node_id: this.#options.nodeId, room_id: answer.roomId }),
    );
    // Before the first task; and they may have changed while it was away.
    this.#sendSecrets(link);
  }

  /** Not an event: values of secrets are in no table. */
  #sendSecrets({ socket, member }: Link): void {
    if (member === undefined) return;
    const secrets = this.#options.secretsOf(member.workerId);
    socket.send(JSON.stringify({ op: "secrets", secrets }));
  }

  #handle(
    link: Link,
    from: Member,
    frame: Extract<WorkerFrame, { op: "send" }>,
  ): Promise<void> | undefined {
    const schema = ROOM_EVENT_CONTENTS[frame.type as RoomEventType];
    const content = Object.hasOwn(ROOM_EVENT_CONTENTS, frame.type)
      ? schema.safeParse(frame.content)
      : undefined;
    if (content?.success !== true) {
      this.#blame(link, `an event ${quoted(frame.type)} that is not valid`, 1);
      // Answered all the same: sending it again would not make it better.
      this.#sent(link, frame.txn);
      return undefined;
    }
    if (SAID_ONCE.includes(frame.type)) {
      if (link.said.has(frame.type)) {
        this.#blame(link, `${frame.type} for a second time`, 1);
        return undefined;
      }
      link.said.add(frame.type);
    }
    if (frame.type === "io.cis.worker.heartbeat") link.socket.send('{"op":"alive"}');
    const event = { from, type: frame.type, content: content.data } as IncomingEvent;
    return this.#options.db.write((tx) => {
      if (!this.#isNew(tx, event, frame)) return;
      this.#listeners?.onEvent(tx, event);
    }, { canWait: NOT_LOGGED.includes(event.type) }).then(
      () => this.#sent(link, frame.txn),
      (error) => this.#failed(link, frame, error),
    );
  }

  /** What could not be kept, as on a full disk, is asked for again: it comes with a new connection. */
  #failed(link: Link, { txn, type }: Extract<WorkerFrame, { op: "send" }>, error: unknown): void {
    const who = link.member?.workerId ?? "a connection";
    this.#complaints.tell(who, `an event ${quoted(type)} that failed: ${String(error)}`);
    if (txn !== 0) setTimeout(() => link.socket.close(), ASK_AGAIN_MS);
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
    if (txn !== 0) link.socket.send(`{"op":"sent","txn":${txn}}`);
  }

  #closed(link: Link): void {
    const { member } = link;
    if (member === undefined || this.#links.get(member.workerId) !== link) return;
    this.#links.delete(member.workerId);
    this.#listeners?.onAway(member);
  }
}

/** A type that somebody made up, for a line of the log. */
function quoted(type: string): string {
  return JSON.stringify(type.slice(0, 80));
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
