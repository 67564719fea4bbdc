/**
 * Text frames on a stream socket, one a line: JSON text has no line ends in it. What is sent in one
 * turn goes out in one write. Where frames come faster than they are handled, reading waits, and so
 * in the end does whoever sends them.
 */

/** What is done with what comes. */
export interface FrameListeners {
  /** A frame. A promise says when it is handled; reading goes on meanwhile, up to a point. */
  onFrame(text: string): Promise<void> | void;
  /** A frame is longer than any may be; the connection is about to be closed. */
  onOversize?(): void;
  /** The connection is over, whoever ended it. Called once. */
  onClose(): void;
}

/** Options of {@linkcode FrameSocket}. */
export interface FrameSocketOptions {
  /**
   * Characters that may wait to be written before reading waits too: the other side then has to
   * read before it is listened to. For one of the two sides only, else both could wait.
   */
  readonly maxUnsent?: number;
  /**
   * Frames that are handled within one window of time; then reading waits for the next one. In
   * windows rather than evenly, so that those of one can share a commit.
   */
  readonly maxPerWindow?: number;
  /** Longest frame in characters, for who doesn't trust the other side; MAX_FRAME by default. */
  readonly maxFrame?: number;
}

/** Frames that may be in hand before reading waits. */
const MAX_PENDING = 64;
const BUFFER_BYTES = 256 * 1024;
/** Length of a window of time. */
const WINDOW_MS = 50;
/** Longest frame in characters that is taken, unless told otherwise. */
export const MAX_FRAME = 1024 * 1024;

const encoder = new TextEncoder();

export class FrameSocket {
  readonly #conn: Deno.Conn;
  readonly #listeners: FrameListeners;
  /** Parts of the frame that is coming in, and their length. */
  #parts: string[] = [];
  #partsLength = 0;
  #pending = 0;
  #resume: (() => void) | undefined;
  readonly #maxUnsent: number;
  readonly #maxPerWindow: number;
  readonly #maxFrame: number;
  /** End of the present window, and how many frames it had. */
  #windowEnd = 0;
  #inWindow = 0;
  #unsent = 0;
  #outgoing: string[] = [];
  #isWriting = false;
  #isEnding = false;
  #isClosed = false;

  /** Takes a connection over and reads from it until it is closed. */
  constructor(conn: Deno.Conn, listeners: FrameListeners, options: FrameSocketOptions = {}) {
    this.#conn = conn;
    this.#listeners = listeners;
    this.#maxUnsent = options.maxUnsent ?? Infinity;
    this.#maxPerWindow = options.maxPerWindow ?? Infinity;
    this.#maxFrame = options.maxFrame ?? MAX_FRAME;
    void this.#read();
  }

  /** Sends a frame: JSON text. Dropped when the connection is over. */
  send(text: string): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#outgoing.push(text);
    this.#unsent += text.length;
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
        await this.#take(decoder.decode(buffer.subarray(0, length), { stream: true }));
        if (this.#partsLength <= this.#maxFrame) continue;
        if (!this.#isClosed) this.#listeners.onOversize?.();
        break;
      }
    } catch {
      // The connection broke; that it is over is told below.
    }
    this.close();
  }

  /** Handles the frames that a piece of text ends, as fast as they can be handled. */
  async #take(text: string): Promise<void> {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.#parts.push(text.slice(start, end));
      const frame = this.#parts.join("");
      this.#parts = [];
      this.#partsLength = 0;
      start = end + 1;
      if (this.#isTooFast()) await this.#untilNextWindow();
      if (this.#isClosed) return;
      if (frame.length > this.#maxFrame) this.#listeners.onOversize?.();
      else this.#handle(frame);
      while (this.#isFull() && !this.#isClosed) await this.#untilResumed();
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

  /** Counts a frame. */
  #isTooFast(): boolean {
    const now = performance.now();
    if (now >= this.#windowEnd) {
      this.#windowEnd = now + WINDOW_MS;
      this.#inWindow = 0;
    }
    return ++this.#inWindow > this.#maxPerWindow;
  }

  async #untilNextWindow(): Promise<void> {
    const wait = this.#windowEnd - performance.now();
    await new Promise((resolve) => setTimeout(resolve, wait));
    this.#isTooFast();
  }

  #isFull(): boolean {
    return this.#pending >= MAX_PENDING || this.#unsent > this.#maxUnsent;
  }

  #untilResumed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resume = resolve;
    return promise;
  }

  async #write(): Promise<void> {
    try {
      while (this.#outgoing.length > 0 && !this.#isClosed) {
        const bytes = encoder.encode(`${this.#outgoing.join("\n")}\n`);
        const length = this.#outgoing.reduce((sum, text) => sum + text.length, 0);
        this.#outgoing = [];
        for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
        this.#unsent -= length;
        this.#resume?.();
      }
    } catch {
      // Nobody reads any more. What was sent before that is still to be read on this side, whose end
      // tells that the connection is over.
      this.#isEnding = true;
      this.#outgoing = [];
      this.#unsent = 0;
      this.#resume?.();
      return;
    }
    this.#isWriting = false;
    if (this.#isEnding) this.close();
  }
}
