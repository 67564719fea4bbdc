/**
 * The worker's connection to its node (frames: lib/schema/link_frames.ts). It comes back by itself:
 * what is sent meanwhile is kept and goes out in order. A node that refuses the worker, or stays
 * away for too long, is final, and the listeners are told.
 */
import type { LinkEvent, NodeFrame, WorkerBootstrap } from "../../schema/link_frames.ts";
import type { RoomEventType } from "../../schema/room_events.ts";
import { FrameSocket } from "../../matrix/frame_socket.ts";
import { note } from "./diagnostics.ts";
import type { Outbox } from "./outbox.ts";
import { byteLength, MAX_CONTENT_BYTES } from "./pack_content.ts";

/** The way to the node, whichever it is. */
export interface NodeLink {
  /** Connects and stays connected until `close`. */
  open(): void;
  /** Says something the node must hear: kept until it is confirmed. `content` is JSON text. */
  send(type: RoomEventType, content: string, onSent?: () => void): void;
  /** Says something that is worth nothing later: dropped while the node is away. */
  sendNow(type: RoomEventType, content: string): void;
  close(): void;
}

/** What the worker does when the node speaks or is silent. */
export interface LinkListeners {
  /**
   * Content of `io.cis.worker.ready`. "held": with every attempt that runs here or whose result is
   * not confirmed; "running": without the latter.
   */
  ready(which: "held" | "running"): string;
  onEvent(type: string, content: unknown): void;
  /** The secrets that tasks may declare from now on: values by name. */
  onSecrets(secrets: Readonly<Record<string, string>>): void;
  onRefused(reason: string): void;
  /** No node for as long as the worker may go on without one. */
  onOrphaned(): void;
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;
/** A node that takes the connection and then says nothing is as good as away. */
const WELCOME_MS = 10_000;
/** So many heartbeats that it doesn't answer are no chance, and it stands still: its time counts from there. */
const UNANSWERED = 3;

export class Link implements NodeLink {
  readonly #bootstrap: WorkerBootstrap;
  readonly #outbox: Outbox;
  readonly #listeners: LinkListeners;
  #socket: FrameSocket | undefined;
  #isWelcome = false;
  #isClosed = false;
  #retries = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #welcomeTimer: ReturnType<typeof setTimeout> | undefined;
  #orphanTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  /** When anything last came from the node. */
  #heardAt = 0;

  constructor(bootstrap: WorkerBootstrap, outbox: Outbox, listeners: LinkListeners) {
    this.#bootstrap = bootstrap;
    this.#outbox = outbox;
    this.#listeners = listeners;
  }

  open(): void {
    // At first the node is there, and a grace of 0 is about losing it.
    this.#awaitNode(Math.max(this.#bootstrap.orphan_grace_ms, WELCOME_MS));
    void this.#connect();
  }

  send(type: RoomEventType, content: string, onSent?: () => void): void {
    const txn = this.#outbox.nextTxn();
    const frame = sendFrame(txn, { type, content });
    this.#outbox.keep(txn, frame, onSent);
    if (this.#isWelcome) this.#write(frame);
  }

  sendNow(type: RoomEventType, content: string): void {
    if (this.#isWelcome) this.#write(sendFrame(0, { type, content }));
  }

  close(): void {
    this.#isClosed = true;
    const timers = [this.#retryTimer, this.#welcomeTimer, this.#orphanTimer, this.#silenceTimer];
    for (const timer of timers) clearTimeout(timer);
    this.#socket?.close();
  }

  async #connect(): Promise<void> {
    let conn: Deno.Conn;
    try {
      conn = await Deno.connect({ transport: "unix", path: this.#bootstrap.socket });
    } catch {
      // The node is away, and its file with it or not.
      return this.#lost();
    }
    if (this.#isClosed) return conn.close();
    const socket = new FrameSocket(conn, {
      onFrame: (text) => this.#receive(text),
      onClose: () => this.#lost(),
      // The node is trusted, and the inputs of one task may be very many.
    }, { maxFrame: Infinity });
    this.#socket = socket;
    this.#welcomeTimer = setTimeout(() => socket.close(), WELCOME_MS);
    const { worker_id, secret } = this.#bootstrap;
    socket.send(JSON.stringify({ op: "hello", worker_id, secret }));
  }

  #lost(): void {
    if (this.#isClosed) return;
    this.#socket = undefined;
    clearTimeout(this.#welcomeTimer);
    clearTimeout(this.#silenceTimer);
    if (this.#isWelcome) {
      note("the connection to the node is lost; trying again");
      this.#awaitNode(Math.min(this.#bootstrap.orphan_grace_ms, this.#patience()));
    }
    this.#isWelcome = false;
    const wait = Math.min(FIRST_RETRY_MS * 2 ** this.#retries++, LAST_RETRY_MS);
    this.#retryTimer = setTimeout(
      () => void this.#connect(),
      wait * (0.5 + Math.random() / 2),
    );
  }

  #awaitNode(graceMs: number): void {
    this.#orphanTimer = setTimeout(() => this.#listeners.onOrphaned(), graceMs);
  }

  /** What is left of the time that the node may say nothing. Others may count on it (lib/peers/lease.ts). */
  #patience(): number {
    const { orphan_grace_ms, heartbeat_ms } = this.#bootstrap;
    const silence = performance.now() - this.#heardAt;
    return Math.max(0, orphan_grace_ms + UNANSWERED * heartbeat_ms - silence);
  }

  /** A connection that is there says nothing about a node that stands still. */
  #watchSilence(): void {
    clearTimeout(this.#silenceTimer);
    const left = this.#patience();
    if (left > 0) this.#silenceTimer = setTimeout(() => this.#watchSilence(), left);
    else if (!this.#isClosed) {
      note("the node answers nothing");
      this.#listeners.onOrphaned();
    }
  }

  #receive(text: string): void {
    this.#heardAt = performance.now();
    const frame = parseFrame(text);
    if (frame === undefined || this.#isClosed) return;
    if (frame.op === "welcome") this.#welcomed(frame.room_id);
    else if (frame.op === "refused") this.#refused(`${frame.message} (${frame.code})`);
    else if (frame.op === "sent") this.#outbox.confirm(frame.txn);
    else if (frame.op === "events" && this.#isWelcome) this.#take(frame.events);
    else if (frame.op === "secrets" && this.#isWelcome) this.#listeners.onSecrets(frame.secrets);
  }

  #welcomed(roomId: string): void {
    const expected = this.#bootstrap.room_id;
    if (roomId !== expected) {
      return this.#refused(`the node put it into the room ${roomId} instead of ${expected}`);
    }
    clearTimeout(this.#welcomeTimer);
    clearTimeout(this.#orphanTimer);
    this.#retries = 0;
    this.#isWelcome = true;
    this.#watchSilence();
    const held = this.#listeners.ready("held");
    const fits = byteLength(held) <= MAX_CONTENT_BYTES;
    if (fits) this.#sayReady(held);
    for (const frame of this.#outbox.frames()) this.#write(frame);
    // Very many results that the node may lack: once it has them, only what runs is left to tell.
    if (!fits) this.#sayReady(this.#listeners.ready("running"));
  }

  /** Not kept: it is said anew on each connection, as it is then. */
  #sayReady(content: string): void {
    this.#write(sendFrame(this.#outbox.nextTxn(), { type: "io.cis.worker.ready", content }));
  }

  #refused(reason: string): void {
    this.close();
    this.#listeners.onRefused(reason);
  }

  #take(events: readonly LinkEvent[]): void {
    for (const { type, content } of events) this.#listeners.onEvent(type, content);
  }

  #write(frame: string): void {
    this.#socket?.send(frame);
  }
}

function sendFrame(txn: number, event: { type: RoomEventType; content: string }): string {
  return `{"op":"send","txn":${txn},"type":"${event.type}","content":${event.content}}`;
}

/** A frame whose shape is right as far as it is used; undefined for what this code doesn't know. */
function parseFrame(text: string): NodeFrame | undefined {
  let frame: Partial<Record<string, unknown>> | null;
  try {
    frame = JSON.parse(text);
  } catch {
    note("the node sent a frame that is not JSON; ignored");
    return undefined;
  }
  switch (frame?.op) {
    case "welcome":
    case "refused":
      return frame as NodeFrame;
    case "alive":
      return { op: "alive" };
    case "sent":
      return Number.isInteger(frame.txn) ? frame as NodeFrame : undefined;
    case "events": {
      const events = Array.isArray(frame.events) ? frame.events.filter(isEvent) : [];
      return { op: "events", events };
    }
    case "secrets":
      return isTexts(frame.secrets) ? { op: "secrets", secrets: frame.secrets } : undefined;
    default:
      return undefined;
  }
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((text) => typeof text === "string");
}

function isEvent(value: unknown): value is LinkEvent {
  if (typeof value !== "object" || value === null) return false;
  const { seq, type } = value as Partial<LinkEvent>;
  return Number.isInteger(seq) && typeof type === "string";
}
