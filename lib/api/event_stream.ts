/** Server-sent events that read from the store: nothing is missed or doubled after a reconnect. */

import { nextTurn } from "./next_turn.ts";

/** Something with a place in a sequence. */
interface Sequenced {
  readonly seq: number;
}

/** What one look at a source found. */
export interface StreamPart<T extends Sequenced> {
  readonly items: readonly T[];
  /** Everything up to here has been looked at; where nothing was found, the next look begins here. */
  readonly position: number;
}

/** Where a stream gets its items from. */
export interface StreamSource<T extends Sequenced> {
  /** Items behind `after` in order, at most `limit`. A look takes a bounded time. */
  read(after: number, limit: number): StreamPart<T>;
  /** Calls `wake` when there may be more. @returns how to stop it */
  subscribe(wake: () => void): () => void;
  /** SSE event name of an item. */
  nameOf(item: T): string;
  /** Whether nothing will follow; the stream then ends with an event "end". */
  isOver(): boolean;
  /** Closes the stream without an "end": the node stops, and whoever follows shall come back. */
  readonly until: AbortSignal;
}

const BATCH = 500;
const KEEP_ALIVE_MS = 15_000;

/** Where to go on: the `Last-Event-ID` of a reconnect, or `?after=`, or `otherwise`. */
export function resumePoint(request: Request, otherwise: number): number {
  const text = request.headers.get("last-event-id") ??
    new URL(request.url).searchParams.get("after");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : otherwise;
}

/** Answers with a stream of a source's items from behind `after`. */
export function eventStream<T extends Sequenced>(source: StreamSource<T>, after: number): Response {
  const encoder = new TextEncoder();
  let cursor = after;
  let wake = (): void => {};
  let stop = (): void => {};
  let stopped = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller): void {
      const unsubscribe = source.subscribe(() => wake());
      const alive = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(": alive\n\n"));
      }, KEEP_ALIVE_MS);
      const close = (): void => {
        stop();
        controller.close();
      };
      stop = () => {
        stopped = true;
        unsubscribe();
        clearInterval(alive);
        source.until.removeEventListener("abort", close);
        wake();
      };
      source.until.addEventListener("abort", close);
      controller.enqueue(encoder.encode(": connected\n\n"));
    },
    async pull(controller): Promise<void> {
      while (!stopped) {
        // Set before reading: what comes between the two wakes this promise.
        const more = new Promise<void>((resolve) => (wake = resolve));
        const over = source.isOver();
        const { items, position } = source.read(cursor, BATCH);
        const moved = position > cursor;
        cursor = position;
        if (items.length > 0) {
          controller.enqueue(encoder.encode(items.map((item) => format(source, item)).join("")));
          return;
        }
        if (moved) {
          await nextTurn();
          if (stopped) return;
          continue;
        }
        if (over) {
          stop();
          controller.enqueue(encoder.encode("event: end\ndata: {}\n\n"));
          controller.close();
          return;
        }
        await more;
      }
    },
    cancel(): void {
      stop();
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    },
  });
}

/** All items behind a point as a part. */
export function partOf<T extends Sequenced>(items: readonly T[], after: number): StreamPart<T> {
  return { items, position: items.at(-1)?.seq ?? after };
}

function format<T extends Sequenced>(source: StreamSource<T>, item: T): string {
  return `id: ${item.seq}\nevent: ${source.nameOf(item)}\ndata: ${JSON.stringify(item)}\n\n`;
}
