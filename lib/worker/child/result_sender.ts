/**
 * Sends results: those of one turn of the event loop together, and none ever later than that unless
 * the machine has enough to do without what the node would send next. Then they wait a little for
 * others: each message costs the node a commit, and that takes from the tasks.
 */
import type { TaskResult } from "../../schema/room_events.ts";
import { listContent, packItems } from "./pack_content.ts";

/** Longest that a result waits for others. */
const MAX_WAIT_MS = 5;

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
    if (canWait) this.#timer ??= setTimeout(() => this.flush(), MAX_WAIT_MS);
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
    this.#parts.flushLogs();
    for (const group of packItems(items)) {
      this.#parts.send(listContent("results", group), () => {
        for (const item of group) item.onSent();
      });
    }
  }
}
