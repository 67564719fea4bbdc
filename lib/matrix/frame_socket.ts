/**
 * Text frames on a stream socket, one a line: JSON text has no line ends in it. What is sent in one
 * turn goes out in one write. Where frames come faster than they are handled, reading waits, and so
 * in the end does whoever sends them.
 */

/** What is done with what comes. */
export interface FrameListeners {
  /** A frame. A promise says when it is handled; reading goes on meanwhile, up to a point. */
  onFrame(text: string): Promise<void> | void;
  /** The connection is over, whoever ended it. Called once. */
  onClose(): void;
}

/** Frames that may be in hand before reading waits. */
const MAX_PENDING = 64;
const BUFFER_BYTES = 256 * 1024;
/** Longest frame in characters. */
export const MAX_FRAME = 1024 * 1024;
/** What the listener hears of in place of a frame that is too long: one that is none. */
const UNREADABLE = "";

const encoder = new TextEncoder();

export class FrameSocket {
  readonly #conn: Deno.Conn;
  readonly #listeners: FrameListeners;
  /** Parts of the frame that is coming in, and their length. */
  #parts: string[] = [];
  #partsLength = 0;
  #pending = 0;
  #resume: (() => void) | undefined;
  #outgoing: string[] = [];
  #isWriting = false;
  #isEnding = false;
  #isClosed = false;

  /** Takes a connection over and reads from it until it is closed. */
  constructor(conn: Deno.Conn, listeners: FrameListeners) {
    this.#conn = conn;
    this.#listeners = listeners;
    void this.#read();
  }

  /** Sends a frame: JSON text. Dropped when the connection is over. */
  send(text: string): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#outgoing.push(text);
    if (this.#isWriting) return;
    this.#isWriting = true;
    queueMicrotask(() => void this.#write());
  }

  /** Closes the connection once what was sent before is out. */
  end(): void {
    this.#isEnding = true;
    if (!this.#isWriting) this.close();
  }

  /** Closes the connection at once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#resume?.();
    try {
      this.#conn.close();
    } catch {
      // The other side was faster.
    }
    this.#listeners.onClose();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    const decoder = new TextDecoder();
    try {
      while (!this.#isClosed) {
        const length = await this.#conn.read(buffer);
        if (length === null) break;
        this.#take(decoder.decode(buffer.subarray(0, length), { stream: true }));
        if (this.#partsLength > MAX_FRAME) {
          this.#handle(UNREADABLE);
          break;
        }
        if (this.#pending >= MAX_PENDING) await this.#untilHandled();
      }
    } catch {
      // The connection broke; that it is over is told below.
    }
    this.close();
  }

  #take(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.#parts.push(text.slice(start, end));
      const frame = this.#parts.join("");
      this.#parts = [];
      this.#partsLength = 0;
      start = end + 1;
      if (!this.#isClosed) this.#handle(frame.length > MAX_FRAME ? UNREADABLE : frame);
    }
    if (start === text.length) return;
    this.#parts.push(text.slice(start));
    this.#partsLength += text.length - start;
  }

  #handle(frame: string): void {
    const handled = this.#listeners.onFrame(frame);
    if (handled === undefined) return;
    this.#pending++;
    void handled.finally(() => {
      if (--this.#pending <= MAX_PENDING / 2) this.#resume?.();
    });
  }

  #untilHandled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resume = resolve;
    return promise;
  }

  async #write(): Promise<void> {
    try {
      while (this.#outgoing.length > 0 && !this.#isClosed) {
        const bytes = encoder.encode(`${this.#outgoing.join("\n")}\n`);
        this.#outgoing = [];
        for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
      }
    } catch {
      // The reading side tells that the connection is over.
    }
    this.#isWriting = false;
    if (this.#isEnding) this.close();
  }
}
