import { answerOtherMethod, type Context, frameOf, setFrame } from "./context.ts";
import { pageProps, type RouteComponent, toVNode } from "./component.ts";
import type { HandlerFn, RouteHandler } from "./handlers.ts";
import { type Method, METHODS, withHead } from "./router.ts";

/** What a layout file exports as `config`. */
export interface LayoutConfig {
  /** Leave out the layouts of the folders above. */
  skipInheritedLayouts?: boolean;
  /** Leave out `_app`. */
  skipAppWrapper?: boolean;
}

/** What a route file exports as `config`. */
export interface RouteConfig extends LayoutConfig {
  /** A URL pattern that replaces the one made from the file's name. */
  routeOverride?: string;
  /** Accepted for compatibility; use the `csp()` middleware. */
  csp?: boolean;
  /** For lazily loaded routes: the methods to register. */
  methods?: "ALL" | Method[];
}

export interface Route<State> {
  component?: RouteComponent<State>;
  config?: RouteConfig;
  handler?: RouteHandler<unknown, State>;
}

/** Answers a request with a route: its handler first, then its component. */
export function answer<State>(ctx: Context<State>, route: Route<State>): Promise<Response> {
  const handler = handlerFor(route, ctx.req.method);
  if (handler === null) return answerOtherMethod(ctx, methodsOf(route));
  return run(ctx, route, { handler, status: 200 });
}

/** Shows an error route whatever the request's method was. */
export function answerError<State>(
  ctx: Context<State>,
  route: Route<State>,
  status: number,
): Promise<Response> {
  const handler = handlerFor(route, ctx.req.method) ?? handlerFor(route, "GET") ?? showComponent;
  return run(ctx, route, { handler, status });
}

/** The methods a route answers, for `Allow`. */
export function methodsOf<State>({ handler, component }: Route<State>): string[] {
  if (typeof handler === "function") return [...METHODS];
  const named = Object.keys(handler ?? {});
  return withHead(component !== undefined && !named.includes("GET") ? ["GET", ...named] : named);
}

function handlerFor<State>(
  { handler, component }: Route<State>,
  method: string,
): HandlerFn<unknown, State> | null {
  if (typeof handler === "function") return handler;
  const named = handler as Record<string, HandlerFn<unknown, State>> | undefined;
  const found = named?.[method] ?? (method === "HEAD" ? named?.GET : undefined);
  if (found !== undefined) return found;
  const readable = method === "GET" || method === "HEAD";
  return readable && component !== undefined ? showComponent : null;
}

function showComponent(): { data: unknown } {
  return { data: {} };
}

async function run<State>(
  ctx: Context<State>,
  route: Route<State>,
  { handler, status }: { handler: HandlerFn<unknown, State>; status: number },
): Promise<Response> {
  const { app, layouts } = frameOf(ctx);
  setFrame(ctx, {
    app: route.config?.skipAppWrapper ? null : app,
    layouts: route.config?.skipInheritedLayouts ? [] : layouts,
  });
  const result = await handler(ctx);
  if (result instanceof Response) return result;

  let vnode = null;
  if (route.component !== undefined) {
    const props = pageProps(ctx, { data: result.data, Component: () => null });
    const shown = await toVNode(route.component, props);
    if (shown instanceof Response) return shown;
    vnode = shown;
  }
  return await ctx.render(vnode, { status: result.status ?? status, headers: result.headers });
}
