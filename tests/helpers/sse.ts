/** Reads server-sent events off a response, with a deadline. */
import { within } from "./deadline.ts";

export interface SseEvent {
  readonly id: string;
  readonly event: string;
  // deno-lint-ignore no-explicit-any -- tests look at what they know to be there
  readonly data: any;
}

export class SseReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";
  /** Whether the node has closed the stream. */
  isClosed = false;

  constructor(response: Response) {
    const type = response.headers.get("content-type");
    if (response.body === null || type !== "text/event-stream; charset=utf-8") {
      throw new Error(`no event stream but ${response.status} ${type}`);
    }
    this.#reader = response.body.getReader();
  }

  /** The next event, or undefined at the end. */
  async next(): Promise<SseEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (block.startsWith(":")) continue;
        return parse(block);
      }
      if (this.isClosed) return undefined;
      const { value, done } = await within(this.#reader.read(), "the next event");
      this.isClosed = done;
      this.#text += this.#decoder.decode(value, { stream: !done });
    }
  }

  /** As many events as said. */
  async take(count: number): Promise<SseEvent[]> {
    const events: SseEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (event === undefined) throw new Error(`the stream ended after ${events.length} events`);
      events.push(event);
    }
    return events;
  }

  /** Everything up to the end of the stream. */
  async rest(): Promise<SseEvent[]> {
    const events: SseEvent[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) {
      events.push(event);
    }
    return events;
  }

  /** Goes away, as a client that lost its connection. */
  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

function parse(block: string): SseEvent {
  const field = (name: string): string =>
    block.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
  return { id: field("id"), event: field("event"), data: JSON.parse(field("data")) };
}
