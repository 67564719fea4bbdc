import { Assembly, mounted, type Step } from "./assembly.ts";
import type { RouteComponent } from "./component.ts";
import type { FreshConfig, ResolvedFreshConfig } from "./config.ts";
import { allowedOf, answerOtherMethod, Context } from "./context.ts";
import { applyFsFile } from "./fs_routes.ts";
import { HttpError, STATUS_TEXT } from "./http_error.ts";
import type { Lazy, MaybeLazy, MaybeLazyMiddleware, Middleware } from "./middleware.ts";
import { joinPath } from "./pattern.ts";
import { answer, answerError, methodsOf } from "./route.ts";
import type { LayoutConfig, Route, RouteConfig } from "./route.ts";
import { METHODS } from "./router.ts";
import type { Snapshot } from "./snapshot.ts";

export type ListenOptions =
  & Partial<Deno.ServeTcpOptions & Deno.TlsCertifiedKeyPem>
  & { remoteAddress?: string };

type Handler = (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

/** Gives an app the routes, islands and assets that a Builder found. */
export let setSnapshot: <State>(app: App<State>, snapshot: Snapshot) => void;

/**
 * Routes requests through middlewares to handlers and pages. Registrations apply from top
 * to bottom: a middleware holds for the routes registered after it.
 */
export class App<State> {
  config: ResolvedFreshConfig;
  #steps: Step<State>[] = [];
  #snapshot: Snapshot | null = null;

  static {
    setSnapshot = (app, snapshot) => {
      app.#snapshot = snapshot;
      app.config.root = snapshot.root;
      app.config.mode = snapshot.mode;
    };
  }

  constructor(config: FreshConfig = {}) {
    this.config = {
      root: ".",
      basePath: config.basePath ?? "",
      mode: config.mode ?? "production",
    };
  }

  /** Adds middlewares, for everything or for what is below `path`. */
  use(...middlewares: MaybeLazyMiddleware<State>[]): this;
  use(path: string, ...middlewares: MaybeLazyMiddleware<State>[]): this;
  use(first: string | MaybeLazyMiddleware<State>, ...rest: MaybeLazyMiddleware<State>[]): this {
    const [path, fns] = typeof first === "string" ? [first, rest] : ["*", [first, ...rest]];
    return this.#add(path, (assembly, at) => assembly.root.at(at.path).middlewares.push(...fns));
  }

  get(path: string, ...fns: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["GET"], path, fns);
  }

  post(path: string, ...fns: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["POST"], path, fns);
  }

  put(path: string, ...fns: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["PUT"], path, fns);
  }

  patch(path: string, ...fns: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["PATCH"], path, fns);
  }

  delete(path: string, ...fns: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["DELETE"], path, fns);
  }

  head(path: string, ...fns: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["HEAD"], path, fns);
  }

  /** Answers every method. */
  all(path: string, ...fns: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle([...METHODS], path, fns);
  }

  /** Adds a page: a component, a handler that loads its data, or both. */
  route(path: string, route: MaybeLazy<Route<State>>, config?: RouteConfig): this {
    return this.#add(path, (assembly, at) => {
      const lazy = typeof route === "function";
      const settings = lazy ? config : { ...route.config, ...config };
      const named = settings?.methods === "ALL" ? undefined : settings?.methods;
      assembly.addRoute({
        scope: assembly.root.at(at.path),
        pattern: joinPath(at.base, settings?.routeOverride ?? at.path),
        methods: lazy ? named ?? [...METHODS] : methodsOf(route),
      }, [async (ctx) => answer(ctx, { ...await loaded(route), config: settings })]);
    });
  }

  /** Wraps what is rendered at `path` and below. */
  layout(path: string, component: RouteComponent<State>, config?: LayoutConfig): this {
    return this.#add(path, (assembly, at) => {
      assembly.root.at(at.path).layout = { component, config };
    });
  }

  /** Sets the outermost component, the one with `<html>`. */
  appWrapper(component: RouteComponent<State>): this {
    return this.#add("*", (assembly) => {
      assembly.root.app = component;
    });
  }

  /** Answers errors thrown at `path` and below; `ctx.error` is what was thrown. */
  onError(path: string, route: Route<State> | Middleware<State>): this {
    return this.#add(path, (assembly, at) => {
      assembly.root.at(at.path).errorRoute = asRoute(route);
    });
  }

  /** Answers every 404. */
  notFound(route: Route<State> | Middleware<State>): this {
    return this.#add("*", (assembly) => {
      assembly.root.notFound = (ctx) => answerError(ctx, asRoute(route), 404);
    });
  }

  /** Inserts the files under `routes/` here. */
  fsRoutes(pattern = "*"): this {
    return this.#add(pattern, (assembly, at) => {
      const base = joinPath(at.base, at.path);
      for (const file of assembly.snapshot?.files ?? []) applyFsFile(assembly, file, { base });
    });
  }

  /** Takes over another app's registrations, below `path`. */
  mountApp(path: string, app: App<State>): this {
    const prefix = joinPath(path, app.config.basePath || "*");
    this.#steps.push(...app.#steps.map((step) => mounted(step, prefix)));
    return this;
  }

  /** The function to give to `Deno.serve`, or to call with a `Request` in a test. */
  handler(): Handler {
    const snapshot = this.#snapshot;
    const assembly = new Assembly<State>(snapshot);
    const base = this.config.basePath;
    for (const step of this.#steps) step.apply(assembly, { path: step.path, base });
    const fallback = assembly.fallback();

    return async (req, info = LOCAL_INFO) => {
      const url = requestUrl(req);
      const { pattern, params, item, allowed } = assembly.router.match(req.method, url);
      const { config } = this;
      const ctx = new Context<State>(req, { url, info, route: pattern, params, config, snapshot });
      if (pattern !== null && item === null) ctx.next = () => answerOtherMethod(ctx, allowed);
      try {
        return finish(ctx, await (item ?? fallback)(ctx));
      } catch (error) {
        ctx.error = error;
        return finish(ctx, plainError(error));
      }
    };
  }

  /** Starts a server for the app. */
  listen(options: ListenOptions = {}): Promise<void> {
    Deno.serve(options, this.handler());
    return Promise.resolve();
  }

  #add(path: string, apply: Step<State>["apply"]): this {
    this.#steps.push({ path, apply });
    return this;
  }

  #handle(methods: string[], path: string, fns: MaybeLazy<Middleware<State>>[]): this {
    return this.#add(path, (assembly, at) => {
      const scope = assembly.root.at(at.path);
      assembly.addRoute({ scope, pattern: joinPath(at.base, at.path), methods }, fns);
    });
  }
}

const LOCAL_INFO: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "localhost", port: 1234 },
  completed: Promise.resolve(),
};

function requestUrl(req: Request): URL {
  const url = new URL(req.url);
  // `//host/path` must not become a URL of its own when a handler joins paths.
  if (url.pathname.includes("//")) url.pathname = url.pathname.replaceAll(/\/{2,}/g, "/");
  return url;
}

function finish<State>(ctx: Context<State>, response: Response): Response {
  if (!(response instanceof Response)) {
    throw new TypeError(
      `The route ${ctx.route ?? ctx.url.pathname} returned ${typeof response}; ` +
        `handlers and middlewares must return a Response.`,
    );
  }
  const allowed = allowedOf(ctx);
  if (response.status === 405 && allowed.length > 0 && !response.headers.has("allow")) {
    response.headers.set("allow", allowed.join(", "));
  }
  if (ctx.req.method !== "HEAD") return response;
  // Nobody will read the body, so an event stream must not go on for it.
  response.body?.cancel().catch(() => {/* a source that fails to stop has no one to tell */});
  return new Response(null, response);
}

/** The answer of last resort, when no error route took the error. */
function plainError(error: unknown): Response {
  const status = error instanceof HttpError ? error.status : 500;
  if (status >= 500) {
    // deno-lint-ignore no-console -- nobody else will see it: the app has no error route here
    console.error(error);
  }
  const message = error instanceof HttpError ? error.message : "";
  return new Response(message || STATUS_TEXT[status], { status });
}

function asRoute<State>(route: Route<State> | Middleware<State>): Route<State> {
  return typeof route === "function" ? { handler: route } : route;
}

async function loaded<State>(route: MaybeLazy<Route<State>>): Promise<Route<State>> {
  return typeof route === "function" ? await (route as Lazy<Route<State>>)() : route;
}
