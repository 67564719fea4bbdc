/** Log lines in the three forms that the Accept header asks for: JSON page, plain text, SSE. */
import type { Node } from "../node.ts";
import type { LogSource } from "../scheduler/log_store.ts";
import type { LogPage } from "../schema/api.ts";
import { eventStream, resumePoint } from "./event_stream.ts";
import { negotiate } from "./negotiate.ts";
import { decodeCursor, encodeCursor, pageLimit } from "./paging.ts";

const TEXT_BATCH = 1000;

/**
 * Answers with the lines of a source.
 * @param isOver whether no line will follow, for the end of a stream
 */
export function logAnswer(
  request: Request,
  { node, source, isOver }: { node: Node; source: LogSource; isOver: () => boolean },
): Response {
  const form = negotiate(request, ["application/json", "text/plain", "text/event-stream"]);
  if (form === "text/event-stream") {
    return eventStream({
      read: (after, limit) => node.logs.read(source, { after, limit }),
      subscribe: (wake) => subscribe(node, source, wake),
      nameOf: () => "log",
      isOver,
      until: node.ending,
    }, resumePoint(request, 0));
  }
  if (form === "text/plain") return plainText(node, source);
  const url = new URL(request.url);
  const limit = pageLimit(url, { most: 5000, usual: 1000 });
  const [after] = decodeCursor(url, ["number"]) ?? [0];
  const found = node.logs.read(source, { after, limit: limit + 1 });
  const lines = found.slice(0, limit);
  const page: LogPage = {
    count: lines.length,
    next_cursor: found.length > limit ? encodeCursor([lines.at(-1)?.seq ?? after]) : null,
    lines,
  };
  return Response.json(page, { headers: { "cache-control": "no-store" } });
}

/** Wakes for new lines, and for the end of the run, after which there are none. */
function subscribe(node: Node, source: LogSource, wake: () => void): () => void {
  const stopLines = node.logs.subscribe(source, wake);
  const stopEvents = node.events.subscribe((events) => {
    const runId = "runId" in source ? source.runId : undefined;
    if (events.some((event) => event.run_id === runId && event.task_id === null)) wake();
  });
  return () => {
    stopLines();
    stopEvents();
  };
}

function plainText(node: Node, source: LogSource): Response {
  const encoder = new TextEncoder();
  let after = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller): void {
      const lines = node.logs.read(source, { after, limit: TEXT_BATCH });
      after = lines.at(-1)?.seq ?? after;
      const text = lines.map((line) => `${line.text}\n`).join("");
      if (text !== "") controller.enqueue(encoder.encode(text));
      if (lines.length < TEXT_BATCH) controller.close();
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}
