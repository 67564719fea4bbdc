import type { Context } from "./context.ts";
import { compose, type MaybeLazyMiddleware, type Middleware } from "./middleware.ts";
import { joinPath } from "./pattern.ts";
import { METHODS, Router } from "./router.ts";
import { Scope } from "./scope.ts";
import type { Snapshot } from "./snapshot.ts";

/** Middleware scopes and routes while an app's registrations are applied in order. */
export class Assembly<State> {
  readonly root: Scope<State> = new Scope<State>();
  readonly router: Router<Middleware<State>> = new Router<Middleware<State>>();
  readonly snapshot: Snapshot | null;

  constructor(snapshot: Snapshot | null) {
    this.snapshot = snapshot;
  }

  /** Registers `steps` behind the middlewares that its scope has so far. */
  addRoute(
    { scope, pattern, methods }: { scope: Scope<State>; pattern: string; methods: string[] },
    steps: MaybeLazyMiddleware<State>[],
  ): void {
    const handler = compose([...scope.chain(), ...steps]);
    for (const method of METHODS) {
      if (methods.includes(method)) this.router.add(method, pattern, handler);
    }
  }

  /** What answers when no route does: the root's middlewares around `ctx.next()`. */
  fallback(): (ctx: Context<State>) => Response | Promise<Response> {
    return compose(this.root.chain());
  }
}

/**
 * One registration on an app: `path` is where it applies, `base` the prefix of its URL.
 * Wherever the app is mounted, the mount path is put before `path`.
 */
export interface Step<State> {
  path: string;
  apply(assembly: Assembly<State>, at: { path: string; base: string }): void;
}

/** Moves a step below `prefix`. */
export function mounted<State>(step: Step<State>, prefix: string): Step<State> {
  return { ...step, path: joinPath(prefix, step.path) };
}
