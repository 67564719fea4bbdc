/**
 * Sends results: those of one turn of the event loop together, and none ever later than that unless
 * the machine has enough to do without what the node would send next. Then they keep a distance from
 * the last ones, and others come along: each message costs the node a commit, and that takes from the
 * tasks. Where results come seldom none waits.
 */
import type { TaskResult } from "../../schema/room_events.ts";
import { listContent, packItems } from "./pack_content.ts";

/** Between messages with results that can wait, in milliseconds. */
const GAP_MS = 10;

interface Item {
  readonly json: string;
  readonly onSent: () => void;
}

/** Where results go. */
export interface ResultSenderParts {
  /** Called before results are sent: the lines of an attempt go first. */
  readonly flushLogs: () => void;
  /** Takes the content of a `task.result` event. */
  readonly send: (content: string, onSent: () => void) => void;
}

export class ResultSender {
  readonly #parts: ResultSenderParts;
  #pending: Item[] = [];
  /** Whether they are sent at the end of this turn. */
  #isDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = -GAP_MS;

  constructor(parts: ResultSenderParts) {
    this.#parts = parts;
  }

  /**
   * @param options.onSent called when the node has confirmed the result
   * @param options.canWait whether nothing stands still meanwhile
   */
  add(
    result: TaskResult,
    { onSent, canWait }: { readonly onSent: () => void; readonly canWait: boolean },
  ): void {
    this.#pending.push({ json: JSON.stringify(result), onSent });
    if (this.#isDue) return;
    const wait = canWait ? this.#sentAt + GAP_MS - performance.now() : 0;
    if (wait > 0) this.#timer ??= setTimeout(() => this.flush(), wait);
    else {
      this.#isDue = true;
      queueMicrotask(() => this.flush());
    }
  }

  /** Sends what is there. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
    const items = this.#pending;
    if (items.length === 0) return;
    this.#pending = [];
    this.#sentAt = performance.now();
    this.#parts.flushLogs();
    for (const group of packItems(items)) {
      this.#parts.send(listContent("results", group), () => {
        for (const item of group) item.onSent();
      });
    }
  }
}
