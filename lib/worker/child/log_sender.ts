/**
 * Sends output in chunks (lib/schema/log_chunk.ts): at once after a silence, then every few
 * milliseconds, earlier when an event is full, and when told to.
 */
import type { LogRun } from "../../schema/log_chunk.ts";
import type { AttemptRef } from "../../schema/room_events.ts";
import type { LogBlock } from "./log_lines.ts";
import { byteLength, CONTENT_VERSION, MAX_CONTENT_BYTES } from "./pack_content.ts";

/** Shortest time between two events that are not full. */
const GAP_MS = 10;
/** Room for version, brackets and names. */
const ENVELOPE_BYTES = 64;
/** Room for what surrounds an attempt's text: names, numbers, brackets. */
const CHUNK_BYTES = 128;
/** Room for a run with its brackets, whatever its numbers. */
const RUN_BYTES = 48;

/** A chunk that is growing. */
interface Growing {
  /** The attempt's members, without the closing brace. */
  readonly head: string;
  readonly line: number;
  readonly time: number;
  readonly runs: LogRun[];
  /** JSON texts of the blocks, without their quotes. */
  readonly texts: string[];
}

export class LogSender {
  readonly #send: (content: string) => void;
  #pending = new Map<AttemptRef, Growing>();
  #bytes = ENVELOPE_BYTES;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = -GAP_MS;

  /** @param send takes the content of a `task.log` event */
  constructor(send: (content: string) => void) {
    this.#send = send;
  }

  /** Takes lines. Those of one attempt come in order and with the same object, `attempt`. */
  add(attempt: AttemptRef, block: LogBlock): void {
    const json = JSON.stringify(block.text);
    const size = byteLength(json) + RUN_BYTES;
    const head = this.#pending.has(attempt) ? "" : headOf(attempt);
    const more = head === "" ? 0 : byteLength(head) + CHUNK_BYTES;
    if (this.#bytes + size + more > MAX_CONTENT_BYTES && this.#pending.size > 0) this.flush();
    const chunk = this.#pending.get(attempt) ?? this.#begin(attempt, block);
    this.#bytes += size;
    addRun(chunk.runs, [block.stream === "stdout" ? 0 : 1, block.lines, block.time - chunk.time]);
    chunk.texts.push(json.slice(1, -1));
    this.#timer ??= setTimeout(
      () => this.flush(),
      Math.max(0, this.#sentAt + GAP_MS - performance.now()),
    );
  }

  /** Sends what is there. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size === 0) return;
    const logs = Array.from(this.#pending.values(), chunkText);
    this.#pending = new Map();
    this.#bytes = ENVELOPE_BYTES;
    this.#sentAt = performance.now();
    this.#send(`{"v":${CONTENT_VERSION},"logs":[${logs.join(",")}]}`);
  }

  #begin(attempt: AttemptRef, { line, time }: LogBlock): Growing {
    const head = headOf(attempt);
    const chunk: Growing = { head, line, time, runs: [], texts: [] };
    this.#pending.set(attempt, chunk);
    this.#bytes += byteLength(head) + CHUNK_BYTES;
    return chunk;
  }
}

/** Adds a run, to the last one where it goes on. */
function addRun(runs: LogRun[], [stream, lines, offset]: LogRun): void {
  const last = runs.at(-1);
  if (last === undefined || last[0] !== stream || last[2] !== offset) {
    runs.push([stream, lines, offset]);
  } else runs[runs.length - 1] = [stream, last[1] + lines, offset];
}

function chunkText({ head, line, time, runs, texts }: Growing): string {
  return `${head},"first_line":${line},"time":${time},"runs":${JSON.stringify(runs)},"text":"${
    texts.join("\\n")
  }"}`;
}

function headOf({ run_id, task_id, attempt, lease }: AttemptRef): string {
  return JSON.stringify({ run_id, task_id, attempt, lease }).slice(0, -1);
}
