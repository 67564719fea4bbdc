/** Sends log lines in batches: after a moment, when a batch is full, or when told to. */
import type { AttemptRef, LogLine } from "../../schema/room_events.ts";
import { byteLength, CONTENT_VERSION, MAX_CONTENT_BYTES } from "./pack_content.ts";

const FLUSH_MS = 25;
/** Room for version, brackets and names. */
const ENVELOPE_BYTES = 64;

interface Lines {
  /** The attempt's members, without the closing brace. */
  readonly head: string;
  readonly lines: string[];
}

export class LogSender {
  readonly #send: (content: string) => void;
  #pending = new Map<AttemptRef, Lines>();
  #bytes = ENVELOPE_BYTES;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param send takes the content of a `task.log` event */
  constructor(send: (content: string) => void) {
    this.#send = send;
  }

  /** Takes a line. Lines of one attempt come with the same object, `attempt`. */
  add(attempt: AttemptRef, line: LogLine): void {
    const json = JSON.stringify(line);
    const known = this.#pending.get(attempt);
    const head = known?.head ?? headOf(attempt);
    const size = byteLength(json) + 1 + (known === undefined ? byteLength(head) + 16 : 0);
    if (this.#bytes + size > MAX_CONTENT_BYTES && this.#pending.size > 0) {
      this.flush();
      return this.add(attempt, line);
    }
    this.#bytes += size;
    if (known === undefined) this.#pending.set(attempt, { head, lines: [json] });
    else known.lines.push(json);
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** Sends what is there. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size === 0) return;
    const logs = Array.from(
      this.#pending.values(),
      ({ head, lines }) => `${head},"lines":[${lines.join(",")}]}`,
    );
    this.#pending = new Map();
    this.#bytes = ENVELOPE_BYTES;
    this.#send(`{"v":${CONTENT_VERSION},"logs":[${logs.join(",")}]}`);
  }
}

function headOf({ run_id, task_id, attempt, lease }: AttemptRef): string {
  return JSON.stringify({ run_id, task_id, attempt, lease }).slice(0, -1);
}
