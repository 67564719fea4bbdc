/** A web server that answers as tests of http tasks need it, and tells what it was asked. */

const DEADLINE_MS = 15_000;

/** A request that came. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export class WebServer implements AsyncDisposable {
  /** All requests, in order. */
  readonly seen: Seen[] = [];
  /** Paths of requests whose client went away before it had the whole answer. */
  readonly closed: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #over = new AbortController();
  #changed = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: this.#over.signal },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Waits until something is so, looking after each request and each lost client. */
  async until(isSo: () => boolean): Promise<void> {
    const deadline = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => deadline.reject(new Error(`not within ${DEADLINE_MS} ms: ${isSo}`)),
      DEADLINE_MS,
    );
    try {
      while (!isSo()) await Promise.race([this.#changed.promise, deadline.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#server.finished;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const path = `${pathname}${search}`;
    const body = await request.text();
    const headers = Object.fromEntries(request.headers);
    this.seen.push({ method: request.method, path, headers, body });
    this.#wake();
    const [, kind, detail] = pathname.split("/");
    switch (kind) {
      case "json":
        return Response.json({ n: 1, list: ["ü"] }, { headers: { "x-served": "yes" } });
      case "problem":
        return new Response('{"title": "no"}', {
          status: 404,
          headers: { "content-type": "application/problem+json; charset=utf-8" },
        });
      case "text":
        return new Response('{"looks": "like JSON"} ü😀');
      case "bad-json":
        return new Response("{", { headers: { "content-type": "application/json" } });
      case "status":
        return new Response(detail === "204" ? null : `this is\n${detail}`, {
          status: Number(detail),
        });
      case "bytes":
        return new Response("x".repeat(Number(detail)));
      case "to":
        return redirect(Number(searchParams.get("status")), searchParams.get("url") ?? "");
      case "circle":
        return redirect(302, "/circle");
      case "silent":
        request.signal.addEventListener("abort", () => this.#gone(path));
        return await new Promise(() => {});
      case "endless":
      case "half":
        return new Response(stream(kind, () => this.#gone(path)));
      default:
        return new Response("ok");
    }
  }

  #gone(path: string): void {
    this.closed.push(path);
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function redirect(status: number, location: string): Response {
  return new Response("elsewhere", { status, headers: { location } });
}

/** Goes on for ever, or has a beginning and then nothing more. */
function stream(kind: "endless" | "half", onGone: () => void): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(1024).fill(0x78);
  return new ReadableStream({
    start: (controller) => controller.enqueue(chunk),
    pull: (controller) => {
      if (kind === "endless") controller.enqueue(chunk);
    },
    cancel: onGone,
  });
}
