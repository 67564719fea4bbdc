/**
 * What the worker says into its room: one event at a time, in order, and what waits meanwhile goes
 * together. Lines of output may pass results that wait with them, never the other way round. What the
 * homeserver has is kept until the node has it, and told again where the homeserver may have forgotten
 * it.
 */
import { MAX_CONTENT_BYTES } from "../../matrix/room_content.ts";
import { countMergeable, mergeContents } from "../../matrix/merge_contents.ts";
import type { Outbox } from "./outbox.ts";
import { type RoomMessage, ToldEvents } from "./told_events.ts";

/** What waits to be said. */
interface Waiting {
  readonly txn: number;
  readonly type: string;
  /** JSON text; a function says it when its turn has come. */
  readonly content: string | (() => string);
}

const LOG = "io.cis.task.log";
const RESULT = "io.cis.task.result";

export class RoomQueue {
  readonly #outbox: Outbox;
  readonly #instance: string;
  readonly #send: (message: RoomMessage) => Promise<string>;
  readonly #told = new ToldEvents();
  /** What is said again, before all that waits. */
  #again: RoomMessage[] = [];
  #waiting: Waiting[] = [];
  #isSending = false;

  /**
   * @param parts `send` settles with the homeserver's id of a message when that has it; one that fails
   * ends all
   */
  constructor(
    parts: {
      readonly outbox: Outbox;
      readonly instance: string;
      readonly send: (message: RoomMessage) => Promise<string>;
    },
  ) {
    this.#outbox = parts.outbox;
    this.#instance = parts.instance;
    this.#send = parts.send;
  }

  /** Says something, after what waits already. */
  add(type: string, content: Waiting["content"], onSent?: () => void): void {
    const txn = this.#outbox.nextTxn();
    this.#outbox.keep(txn, typeof content === "string" ? content : "", onSent);
    this.#waiting.push({ txn, type, content });
    this.#wake();
  }

  /** The node has dealt with an event of this worker, and all before it. */
  dealtWith(eventId: string): void {
    this.#told.dealtWith(eventId);
  }

  /**
   * Says all again that the node may lack, before what waits. Under the numbers that it had: where the
   * homeserver remembers them nothing happens.
   */
  tellAgain(): void {
    this.#again.unshift(...this.#told.take());
    this.#wake();
  }

  #wake(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    // What is said in one turn goes together from the first event on.
    queueMicrotask(() => void this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.#again.length > 0 || this.#waiting.length > 0) {
      const again = this.#again.shift();
      if (again !== undefined) {
        this.#told.add(again, await this.#send(again));
        continue;
      }
      const together = this.#next();
      const [first] = together;
      if (first === undefined) break;
      const content = mergeContents(together.map(textOf));
      const said = `{"instance":${JSON.stringify(this.#instance)},${content.slice(1)}`;
      const message = { txn: `${this.#instance}-${first.txn}`, type: first.type, content: said };
      this.#told.add(message, await this.#send(message));
      for (const { txn } of together) this.#outbox.confirm(txn);
    }
    this.#isSending = false;
  }

  /** Takes what goes into the next event. */
  #next(): Waiting[] {
    const end = this.#waiting.findIndex(({ type }) => type !== LOG && type !== RESULT);
    const open = end < 0 ? this.#waiting : this.#waiting.slice(0, end);
    if (open.length === 0) return this.#waiting.splice(0, 1);
    const logs = open.filter(({ type }) => type === LOG);
    const candidates = logs.length > 0 ? logs : open;
    const limit = MAX_CONTENT_BYTES - this.#instance.length - INSTANCE_BYTES;
    const taken = new Set(candidates.slice(0, countMergeable(candidates.map(textOf), limit)));
    this.#waiting = this.#waiting.filter((each) => !taken.has(each));
    return [...taken];
  }
}

/** Room for the name and the quotes of what is added to each content. */
const INSTANCE_BYTES = 16;

function textOf({ type, content }: Waiting): { type: string; content: string } {
  return { type, content: typeof content === "string" ? content : content() };
}
