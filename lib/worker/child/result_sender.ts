/** Sends results: those of one turn of the event loop together, none ever later than that. */
import type { TaskResult } from "../../schema/room_events.ts";
import { listContent, packItems } from "./pack_content.ts";

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

  constructor(parts: ResultSenderParts) {
    this.#parts = parts;
  }

  /** @param onSent called when the node has confirmed the result */
  add(result: TaskResult, onSent: () => void): void {
    if (this.#pending.length === 0) queueMicrotask(() => this.#flush());
    this.#pending.push({ json: JSON.stringify(result), onSent });
  }

  #flush(): void {
    const items = this.#pending;
    this.#pending = [];
    this.#parts.flushLogs();
    for (const group of packItems(items)) {
      this.#parts.send(listContent("results", group), () => {
        for (const item of group) item.onSent();
      });
    }
  }
}
