/**
 * Reads `text/event-stream` as browsers do: chunks may be cut anywhere, lines end with LF, CR or
 * CRLF, comments are skipped, an event without its closing empty line never happened.
 * @module
 */

/** One event of a stream. */
export interface SseMessage {
  /** Id to resume after; empty while the stream has named none. */
  readonly id: string;
  /** Name of the event; `message` when it has none. */
  readonly event: string;
  readonly data: string;
}

/** Turns the text of one stream into its events. Make a new one for each connection. */
export class SseParser {
  /** Id of the last complete event: where a new connection goes on. */
  lastEventId: string;
  /** Milliseconds to wait before a new connection, if the server asked for it. */
  retryMs: number | undefined;
  /** Whether anything came at all, if only a comment. */
  received = false;

  #rest = "";
  #searched = 0;
  #id: string;
  #event = "";
  #data: string[] = [];

  /** @param lastEventId id that the connection was opened with */
  constructor(lastEventId = "") {
    this.lastEventId = lastEventId;
    this.#id = lastEventId;
  }

  /**
   * Takes the next piece of the stream.
   * @returns the events that it completed
   */
  push(text: string): SseMessage[] {
    this.#rest += text;
    this.received ||= text !== "";
    const messages: SseMessage[] = [];
    for (let line = this.#nextLine(); line !== undefined; line = this.#nextLine()) {
      if (line === "") this.#complete(messages);
      else this.#takeField(line);
    }
    return messages;
  }

  #nextLine(): string | undefined {
    const end = indexOfLineEnd(this.#rest, this.#searched);
    // A CR at the very end may be the first half of a CRLF: the next piece tells.
    const undecided = end === this.#rest.length - 1 && this.#rest[end] === "\r";
    if (end === -1 || undecided) {
      this.#searched = end === -1 ? this.#rest.length : end;
      return undefined;
    }
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + (this.#rest.startsWith("\r\n", end) ? 2 : 1));
    this.#searched = 0;
    return line;
  }

  #takeField(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.retryMs = Number(value);
  }

  #complete(messages: SseMessage[]): void {
    this.lastEventId = this.#id;
    if (this.#data.length > 0) {
      const data = this.#data.join("\n");
      messages.push({ id: this.#id, event: this.#event || "message", data });
    }
    this.#data = [];
    this.#event = "";
  }
}

/**
 * Events of one response body, until it ends.
 * @throws whatever reading the body throws, e.g. when the connection is lost
 */
export async function* readSse(
  body: ReadableStream<Uint8Array>,
  parser: SseParser = new SseParser(),
): AsyncGenerator<SseMessage, void> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      yield* parser.push(decoder.decode(part.value, { stream: true }));
    }
  } finally {
    // Whoever stops early doesn't want the rest; a body that failed can't be cancelled again.
    await reader.cancel().catch(() => undefined);
  }
}

function indexOfLineEnd(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 10 || code === 13) return index;
  }
  return -1;
}
