/**
 * A run for its page, over one connection: what the page shows, whenever it has changed, and every
 * line of output once. The id of each message says how far both are, so that a reconnect goes on
 * there.
 */
import type { LogSource } from "../scheduler/log_source.ts";
import { nextTurn } from "./next_turn.ts";
import { followView, type SharedView, type ViewSource, type ViewState } from "./shared_view.ts";

/** What to follow. */
export interface LiveSource extends ViewSource {
  readonly log: LogSource;
}

/** How far a page is: the last event that it knows of, and its last line. */
export interface LivePlace {
  readonly event: number;
  readonly line: number;
}

const BATCH = 500;
const KEEP_ALIVE_MS = 15_000;
const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};
const CONNECTED = encoded(": connected\n\n");
const ALIVE = encoded(": alive\n\n");
const END = encoded("event: end\ndata: {}\n\n");

/** The id of a place, as `Last-Event-ID` has it. */
export function livePlace({ event, line }: LivePlace): string {
  return `${event}-${line}`;
}

/** Answers with what a page needs from its place on, until the run has ended and all is told. */
export function liveStream(request: Request, source: LiveSource): Response {
  const reader = new LiveReader(source, placeOf(request));
  const { ending } = source.node;
  let stop = (): void => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller): void {
      const alive = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(ALIVE);
      }, KEEP_ALIVE_MS);
      const close = (): void => {
        stop();
        controller.close();
      };
      stop = () => {
        reader.stop();
        clearInterval(alive);
        ending.removeEventListener("abort", close);
      };
      ending.addEventListener("abort", close);
      controller.enqueue(CONNECTED);
    },
    async pull(controller): Promise<void> {
      const parts = await reader.next();
      if (parts === "stopped") return;
      for (const part of parts === "end" ? [END] : parts) controller.enqueue(part);
      if (parts !== "end") return;
      stop();
      controller.close();
    },
    cancel(): void {
      stop();
    },
  });
  return new Response(body, { headers: HEADERS });
}

/** One page's way through what happens. */
class LiveReader {
  readonly #source: LiveSource;
  readonly #view: SharedView;
  readonly #leave: () => void;
  #event: number;
  #line: number;
  #shown: ViewState | undefined;
  #isStopped = false;
  #wake = (): void => {};

  constructor(source: LiveSource, { event, line }: LivePlace) {
    this.#source = source;
    this.#event = event;
    this.#line = line;
    const wake = (): void => this.#wake();
    const { view, leave } = followView(source, wake);
    const leaveLog = source.node.logs.subscribe(source.log, wake);
    this.#view = view;
    this.#leave = () => {
      leave();
      leaveLog();
    };
    if (view.state !== undefined && view.state.seq <= event) this.#shown = view.state;
    if (view.isOld(event)) view.refresh();
  }

  /** Ends a wait for more, and every one to come. */
  stop(): void {
    this.#isStopped = true;
    this.#leave();
    this.#wake();
  }

  /** The next message, in parts. */
  async next(): Promise<Uint8Array[] | "end" | "stopped"> {
    const { node, runId, log } = this.#source;
    while (!this.#isStopped) {
      // Set before reading: what comes between the two wakes this promise.
      const more = new Promise<void>((resolve) => (this.#wake = resolve));
      const isOver = node.runs.isOver(runId);
      const { lines, position } = node.logs.part(log, { after: this.#line, limit: BATCH });
      const hasMoved = position > this.#line;
      this.#line = position;
      if (lines.length > 0) return this.#message("lines", encoded(JSON.stringify(lines)));
      const { state } = this.#view;
      if (state !== undefined && state !== this.#shown) {
        this.#shown = state;
        this.#event = Math.max(this.#event, state.seq);
        return this.#message("view", state.bytes);
      }
      if (hasMoved) await nextTurn();
      else if (isOver && !this.#view.isOld(this.#event)) return "end";
      else await more;
    }
    return "stopped";
  }

  #message(name: string, data: Uint8Array): Uint8Array[] {
    const id = livePlace({ event: this.#event, line: this.#line });
    // The data of a view is the same for all readers, and so isn't copied for each.
    return [encoded(`id: ${id}\nevent: ${name}\ndata: `), data, encoded("\n\n")];
  }
}

function placeOf(request: Request): LivePlace {
  const text = request.headers.get("last-event-id") ?? "";
  const [, event = "0", line = "0"] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  return { event: Number(event), line: Number(line) };
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
