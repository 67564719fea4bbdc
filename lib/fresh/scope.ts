import { type Context, frameOf, setFrame, type UiFrame } from "./context.ts";
import type { RouteComponent } from "./component.ts";
import { HttpError } from "./http_error.ts";
import type { MaybeLazyMiddleware, Middleware } from "./middleware.ts";
import { scopeSegments } from "./pattern.ts";
import { answerError, type LayoutConfig, type Route } from "./route.ts";

/** What is set for one path and everything below it. */
export class Scope<State> {
  middlewares: MaybeLazyMiddleware<State>[] = [];
  layout: { component: RouteComponent<State>; config?: LayoutConfig } | null = null;
  errorRoute: Route<State> | null = null;
  /** Only read at the root. */
  app: RouteComponent<State> | null = null;
  notFound: Middleware<State> | null = null;
  #children = new Map<string, Scope<State>>();
  #parent: Scope<State> | null;

  constructor(parent: Scope<State> | null = null) {
    this.#parent = parent;
  }

  /** The scope at `path`, made on the way if it isn't there. */
  at(path: string): Scope<State> {
    return scopeSegments(path).reduce<Scope<State>>((scope, name) => scope.#child(name), this);
  }

  /** The middlewares around a route in this scope, outermost first. */
  chain(): MaybeLazyMiddleware<State>[] {
    const path = this.#path();
    const root = path[0] ?? this;
    let frame: UiFrame<State> = { app: root.app, layouts: [] };
    return path.flatMap((scope) => {
      frame = scope.#frameWithin(frame);
      return [scope.#boundary(root, frame), ...scope.middlewares];
    });
  }

  /** From the root to this scope. */
  #path(): Scope<State>[] {
    return this.#parent === null ? [this] : [...this.#parent.#path(), this];
  }

  #child(name: string): Scope<State> {
    const child = this.#children.get(name) ?? new Scope(this);
    this.#children.set(name, child);
    return child;
  }

  #frameWithin({ app, layouts }: UiFrame<State>): UiFrame<State> {
    if (this.layout === null) return { app, layouts };
    const { component, config } = this.layout;
    return {
      app: config?.skipAppWrapper ? null : app,
      layouts: config?.skipInheritedLayouts ? [component] : [...layouts, component],
    };
  }

  /** Sets the layouts that hold from here on, and shows the error page for what is below. */
  #boundary(root: Scope<State>, frame: UiFrame<State>): Middleware<State> {
    const { errorRoute } = this;
    return async (ctx: Context<State>) => {
      const outer = frameOf(ctx);
      setFrame(ctx, frame);
      try {
        return await ctx.next();
      } catch (error) {
        ctx.error = error;
        setFrame(ctx, frame);
        const status = error instanceof HttpError ? error.status : 500;
        if (status === 404 && root.notFound !== null) return await root.notFound(ctx);
        if (errorRoute !== null) return await answerError(ctx, errorRoute, status);
        throw error;
      } finally {
        setFrame(ctx, outer);
      }
    };
  }
}
