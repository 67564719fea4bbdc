import type { FunctionComponent, VNode } from "preact";
import type { RouteComponent } from "./component.ts";
import type { ResolvedFreshConfig } from "./config.ts";
import { HttpError } from "./http_error.ts";
import { renderPage } from "./render.ts";
import type { LayoutConfig } from "./route.ts";
import type { Snapshot } from "./snapshot.ts";

/** What is drawn around a page. */
export interface UiFrame<State> {
  app: RouteComponent<State> | null;
  layouts: RouteComponent<State>[];
}

/** Older name of {@linkcode Context}. */
export type FreshContext<State = unknown> = Context<State>;

type Chunks<Chunk> = Iterable<Chunk> | AsyncIterable<Chunk>;

interface ContextInit {
  url: URL;
  info: Deno.ServeHandlerInfo;
  route: string | null;
  params: Record<string, string>;
  config: ResolvedFreshConfig;
  snapshot: Snapshot | null;
}

/** What a request carries along for this package alone. */
interface Internals<State> {
  frame: UiFrame<State>;
  snapshot: Snapshot | null;
  allowed: string[];
}

let internals: <State>(ctx: Context<State>) => Internals<State>;

/** One request on its way through middlewares and routes. */
export class Context<State> {
  readonly config: ResolvedFreshConfig;
  readonly url: URL;
  req: Request;
  /** The pattern that matched, or null. */
  readonly route: string | null;
  readonly params: Record<string, string>;
  readonly state: State = {} as State;
  data: unknown = undefined;
  /** What was caught; for error pages. */
  error: unknown | null = null;
  readonly info: Deno.ServeHandlerInfo;
  /** Partials are not supported here, so this is always false. */
  readonly isPartial: boolean = false;
  /** Continues with the next middleware. */
  next: () => Promise<Response> = notFound;
  /** In layouts and the app wrapper: what goes inside. */
  Component: FunctionComponent = () => null;
  #internals: Internals<State>;

  static {
    internals = (ctx) => ctx.#internals;
  }

  constructor(req: Request, init: ContextInit) {
    this.req = req;
    this.url = init.url;
    this.info = init.info;
    this.route = init.route;
    this.params = init.params;
    this.config = init.config;
    this.#internals = { frame: { app: null, layouts: [] }, snapshot: init.snapshot, allowed: [] };
  }

  /** Redirects; a path such as `//host` stays on this site. */
  redirect(pathOrUrl: string, status = 302): Response {
    let location = pathOrUrl;
    if (pathOrUrl.startsWith("/")) {
      const end = pathOrUrl.search(/[?#]/);
      const path = end === -1 ? pathOrUrl : pathOrUrl.slice(0, end);
      // Browsers read a backslash as a slash, so `/\host` would leave the site as well.
      location = path.replaceAll(/[/\\]{2,}/g, "/") + pathOrUrl.slice(path.length);
    }
    return new Response(null, { status, headers: { location } });
  }

  /** Renders JSX inside the layouts and the app wrapper that hold here. */
  render(
    vnode: VNode | null,
    init: ResponseInit = {},
    config: LayoutConfig = {},
  ): Promise<Response> {
    const { frame, snapshot } = this.#internals;
    return renderPage(this, vnode, { init, config, frame, snapshot });
  }

  text(content: string, init?: ResponseInit): Response {
    return new Response(content, withType(init, "text/plain; charset=utf-8"));
  }

  html(content: string, init?: ResponseInit): Response {
    return new Response(content, withType(init, "text/html; charset=utf-8"));
  }

  json(content: unknown, init?: ResponseInit): Response {
    return Response.json(content, init);
  }

  /** Streams what an iterable yields; strings are sent as UTF-8. */
  stream<Chunk extends string | Uint8Array>(
    source: Chunks<Chunk> | (() => Chunks<Chunk>),
    init?: ResponseInit,
  ): Response {
    const encoder = new TextEncoder();
    const chunks = typeof source === "function" ? source() : source;
    const bytes = new TransformStream<string | Uint8Array, Uint8Array<ArrayBuffer>>({
      transform: (chunk, out) =>
        out.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : new Uint8Array(chunk)),
    });
    return new Response(ReadableStream.from(chunks).pipeThrough(bytes), init);
  }
}

/** The layouts and app wrapper that hold at this point of the request. */
export function frameOf<State>(ctx: Context<State>): UiFrame<State> {
  return internals(ctx).frame;
}

export function setFrame<State>(ctx: Context<State>, frame: UiFrame<State>): void {
  internals(ctx).frame = frame;
}

export function snapshotOf<State>(ctx: Context<State>): Snapshot | null {
  return internals(ctx).snapshot;
}

/** The methods to name in `Allow` when the answer is 405. */
export function allowedOf<State>(ctx: Context<State>): string[] {
  return internals(ctx).allowed;
}

/**
 * Answers a method that a route doesn't have: OPTIONS with the list of those it has.
 *
 * @throws {HttpError} 405 for every other method; the answer to it gets the list as well
 */
export function answerOtherMethod<State>(
  ctx: Context<State>,
  allowed: string[],
): Promise<Response> {
  if (ctx.req.method === "OPTIONS") {
    const headers = { allow: allowed.join(", ") };
    return Promise.resolve(new Response(null, { status: 204, headers }));
  }
  internals(ctx).allowed = allowed;
  return Promise.reject(new HttpError(405));
}

function notFound(): Promise<Response> {
  return Promise.reject(new HttpError(404));
}

function withType(init: ResponseInit | undefined, type: string): ResponseInit {
  const headers = new Headers(init?.headers);
  headers.set("content-type", type);
  return { ...init, headers };
}
