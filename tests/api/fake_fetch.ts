/** A `fetch` that answers from a list and remembers what it was asked. */

/** One request as it was sent. */
export interface SentRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly signal: AbortSignal | null;
}

/** What to answer: a response, or what makes one (throwing is a network failure). */
export type Answer =
  | Response
  | ((request: SentRequest) => Response | Promise<Response>);

/** A `fetch` that gives these answers in turn. */
export function fakeFetch(...answers: Answer[]): {
  fetch: typeof globalThis.fetch;
  sent: SentRequest[];
} {
  const sent: SentRequest[] = [];
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = String(input);
    const body = init.body ? new TextDecoder().decode(init.body as Uint8Array) : "";
    const request: SentRequest = {
      method: init.method ?? "GET",
      url,
      path: url.replace(/^https?:\/\/[^/]+/, ""),
      headers: new Headers(init.headers),
      body,
      signal: init.signal ?? null,
    };
    sent.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined) throw new Error(`nobody answers ${request.method} ${request.path}`);
    return typeof answer === "function" ? await answer(request) : answer.clone();
  };
  return { fetch, sent };
}

/** A JSON answer. */
export function json(body: unknown, status = 200): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
}

/** A problem document as a node sends it. */
export function problem(
  status: number,
  code: string,
  more: Record<string, unknown> = {},
): Response {
  const detail = `the problem is ${code}`;
  const document = { type: "about:blank", title: code, status, detail, code, request_id: "r1" };
  return json({ ...document, ...more }, status);
}

/** An event stream with this text that ends after it. */
export function sse(text: string): Response {
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

/** One event with an id, as a node sends it. */
export function sseEvent(value: { seq: number; type?: string }): string {
  const name = value.type === undefined ? "" : `event: ${value.type}\n`;
  return `id: ${value.seq}\n${name}data: ${JSON.stringify(value)}\n\n`;
}

/** A stream of these items that goes on behind `Last-Event-ID`, as a node's does, and then ends. */
export function sseOf(items: readonly { seq: number; type?: string }[]): Answer {
  return ({ headers }) => {
    const after = Number(headers.get("last-event-id") ?? 0);
    return sse(items.filter(({ seq }) => seq > after).map(sseEvent).join("") + SSE_END);
  };
}

/** The event by which a stream says that it is over. */
export const SSE_END = "event: end\ndata: {}\n\n";

/** A network failure. */
export function refused(): never {
  throw new TypeError("fetch failed", { cause: new Error("Connection refused") });
}

/** An event stream that says `text` and then nothing until it is aborted. */
export function openSse(text: string): (request: SentRequest) => Response {
  return ({ signal }) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller): void {
        controller.enqueue(new TextEncoder().encode(text));
        signal?.addEventListener("abort", () => controller.error(signal.reason));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
}
