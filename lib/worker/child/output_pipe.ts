/** What a process writes, read piece by piece into buffers that are used again. */

/** The end of a pipe at which output is read. */
export interface OutputPipe {
  /** The next piece, good until it is asked for another; null at the end. */
  read(): Promise<Uint8Array | null>;
  /** Ends the reading, whoever still has the other end. */
  cancel(): void;
}

const BUFFER_BYTES = 64 * 1024;
const KEPT_BUFFERS = 32;

/** Buffers to read into, handed on from pipe to pipe. */
const buffers: Uint8Array<ArrayBuffer>[] = [];

/** A pipe that is read until nobody can write to it any more. */
export class WholePipe implements OutputPipe {
  readonly #reader: ReadableStreamBYOBReader;
  #buffer = buffers.pop() ?? new Uint8Array(BUFFER_BYTES);

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader({ mode: "byob" });
  }

  async read(): Promise<Uint8Array | null> {
    const { done, value } = await this.#reader.read(this.#buffer);
    if (value !== undefined) this.#buffer = new Uint8Array(value.buffer);
    if (!done) return value;
    if (value !== undefined && buffers.length < KEPT_BUFFERS) buffers.push(this.#buffer);
    return null;
  }

  cancel(): void {
    void this.#reader.cancel();
  }
}

/** A mark is a NUL, a word that nobody can guess, other words and a line end; never longer than this. */
const MOST_MARK = 128;
const EMPTY = new Uint8Array();

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A pipe that one process after another writes to, read from one mark to the next. */
export class MarkedPipe implements OutputPipe {
  readonly #pipe: WholePipe;
  /** How the next mark begins; undefined once it has come. */
  #begin: Uint8Array | undefined;
  #onMark: (words: readonly string[]) => void = () => {};
  /** What may be the beginning of the mark. */
  #held: Uint8Array = EMPTY;

  readonly #onCancel: () => void;

  /** @param onCancel told when it is cancelled: what still writes to it can't be told from the next */
  constructor(stream: ReadableStream<Uint8Array>, onCancel: () => void) {
    this.#pipe = new WholePipe(stream);
    this.#onCancel = onCancel;
  }

  /**
   * Begins the output of the next process.
   * @param word what the mark at its end begins with
   * @param onMark told the words that follow it
   */
  expect(word: string, onMark: (words: readonly string[]) => void): void {
    this.#begin = encoder.encode(`\0${word} `);
    this.#onMark = onMark;
  }

  async read(): Promise<Uint8Array | null> {
    while (this.#begin !== undefined) {
      const piece = await this.#pipe.read();
      if (piece === null) return this.#endWithoutMark();
      const bytes = this.#held.length === 0 ? piece : joined(this.#held, piece);
      this.#held = EMPTY;
      const at = startOfMark(bytes, this.#begin);
      if (at === undefined) return bytes;
      const tail = bytes.slice(at);
      if (tail.at(-1) === LINE_END && tail.length > this.#begin.length) this.#marked(tail);
      else this.#held = tail;
      if (at > 0) return bytes.subarray(0, at);
    }
    return null;
  }

  cancel(): void {
    this.#pipe.cancel();
    this.#onCancel();
  }

  #marked(mark: Uint8Array): void {
    this.#begin = undefined;
    const [, ...words] = decoder.decode(mark).trimEnd().split(" ");
    this.#onMark(words);
  }

  #endWithoutMark(): Uint8Array | null {
    this.#begin = undefined;
    return this.#held.length === 0 ? null : this.#held;
  }
}

const LINE_END = 10;

/** Where a mark or the beginning of one stands at the end of what was read. */
function startOfMark(bytes: Uint8Array, begin: Uint8Array): number | undefined {
  const from = Math.max(0, bytes.length - MOST_MARK);
  const at = bytes.subarray(from).lastIndexOf(0);
  if (at < 0) return undefined;
  const start = from + at;
  for (let n = 0; n < begin.length && start + n < bytes.length; n++) {
    if (bytes[start + n] !== begin[n]) return undefined;
  }
  return start;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
