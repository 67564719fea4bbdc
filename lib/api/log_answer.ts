/** Log lines in the three forms that the Accept header asks for: JSON page, plain text, SSE. */
import type { Node } from "../node.ts";
import type { LogPart } from "../scheduler/log_reader.ts";
import type { LogFilter } from "../scheduler/log_row.ts";
import type { LogSource } from "../scheduler/log_source.ts";
import type { LogLineView, LogPage } from "../schema/api.ts";
import { eventStream, resumePoint } from "./event_stream.ts";
import { logFilter } from "./log_filter.ts";
import { negotiate } from "./negotiate.ts";
import { nextTurn } from "./next_turn.ts";
import { decodeCursor, encodeCursor, pageLimit } from "./paging.ts";

/** Most lines of plain text in one piece. */
const TEXT_BATCH = 2000;
/** A page ends after so much text, in characters, or after so many looks at the store. */
const PAGE_TEXT = 2 * 1024 * 1024;
const PAGE_LOOKS = 100;

/** What a log is asked about. */
export interface LogQuestion {
  readonly node: Node;
  readonly source: LogSource;
  /** Whether no line will follow, for the end of a stream. */
  readonly isOver: () => boolean;
}

/** What to read: a source and which of its lines. */
interface Reading {
  readonly source: LogSource;
  readonly filter: LogFilter;
  readonly part: (position: number, limit: number) => LogPart;
}

/**
 * Answers with the lines of a source, as far as the filters in the query let them through.
 * @throws {CisError} `invalid_request` for a filter, limit or cursor that can't be used
 */
export async function logAnswer(request: Request, question: LogQuestion): Promise<Response> {
  const { node, isOver } = question;
  const url = new URL(request.url);
  const reading = readingOf(url, question);
  const isDownload = url.searchParams.get("download") === "1";
  const form = isDownload
    ? "text/plain"
    : negotiate(request, ["application/json", "text/plain", "text/event-stream"]);
  if (form === "text/event-stream") {
    return eventStream({
      read: (after, limit) => {
        const { lines: items, position } = reading.part(after, limit);
        return { items, position };
      },
      subscribe: (wake) => subscribe(node, reading.source, wake),
      nameOf: () => "log",
      isOver,
      until: node.ending,
    }, resumePoint(request, 0));
  }
  if (form === "text/plain") return plainText(reading, isDownload);
  return Response.json(await readPage(url, reading), { headers: { "cache-control": "no-store" } });
}

function readingOf(url: URL, { node, source }: LogQuestion): Reading {
  const filter = logFilter(url, node.db.now());
  const taskId = url.searchParams.get("task") || undefined;
  const narrowed = "runId" in source && taskId !== undefined ? { taskId, ...source } : source;
  return {
    source: narrowed,
    filter,
    part: (after, limit) => node.logs.part(narrowed, { after, limit, filter }),
  };
}

/** A page is full, at the end, or has looked at as much as one request may; then it goes on behind. */
async function readPage(url: URL, { part }: Reading): Promise<LogPage> {
  const limit = pageLimit(url, { most: 5000, usual: 1000 });
  const lines: LogLineView[] = [];
  let [position] = decodeCursor(url, ["number"]) ?? [0];
  let text = 0;
  for (let looks = 0; looks < PAGE_LOOKS && text < PAGE_TEXT; looks++) {
    if (looks > 0) await nextTurn();
    // One more than are shown: only so it is known whether there is another page.
    const found = part(position, limit + 1 - lines.length);
    lines.push(...found.lines);
    if (lines.length > limit) {
      lines.length = limit;
      return pageOf(lines, lines.at(-1)?.seq ?? position);
    }
    if (found.isEnd) return pageOf(lines, null);
    position = found.position;
    text += found.lines.reduce((sum, line) => sum + line.text.length, 0);
  }
  return pageOf(lines, position);
}

function pageOf(lines: LogLineView[], next: number | null): LogPage {
  return {
    count: lines.length,
    next_cursor: next === null ? null : encodeCursor([next]),
    lines,
  };
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

/** The whole text, read piece by piece as fast as it is taken. */
function plainText({ source, part }: Reading, isDownload: boolean): Response {
  const encoder = new TextEncoder();
  let after = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      for (;;) {
        const { lines, position, isEnd } = part(after, TEXT_BATCH);
        after = position;
        const text = lines.map((line) => `${line.text}\n`).join("");
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (isEnd) return controller.close();
        await nextTurn();
        if (text !== "") return;
      }
    },
  });
  const headers = new Headers({
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
  });
  if (isDownload) {
    headers.set("content-disposition", `attachment; filename="${fileName(source)}"`);
  }
  return new Response(body, { headers });
}

function fileName(source: LogSource): string {
  const parts = "workerId" in source ? [source.workerId] : [source.runId, source.taskId];
  const name = parts.filter((part) => part !== undefined).join("-");
  return `${name.replace(/[^A-Za-z0-9._-]/g, "_")}.log`;
}
