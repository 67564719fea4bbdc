import type { Assembly } from "./assembly.ts";
import type { RouteComponent } from "./component.ts";
import type { RouteHandler } from "./handlers.ts";
import type { MaybeLazyMiddleware } from "./middleware.ts";
import { joinPath } from "./pattern.ts";
import { answer, answerError, type Route, type RouteConfig } from "./route.ts";
import { METHODS } from "./router.ts";

export type FsKind = "app" | "middleware" | "layout" | "error" | "notFound" | "route";

/** One file under `routes/`. */
export interface FsFile {
  kind: FsKind;
  /** Absolute path, for messages. */
  path: string;
  /** The folder it belongs to, groups included: `/(site)/blog`. */
  scope: string;
  /** Its URL pattern: `/blog/:slug`. */
  pattern: string;
  /** The module, when it had to be read at start-up. */
  module: FsModule | null;
  load(): Promise<FsModule>;
}

/** The exports that mean something in a file under `routes/`. */
export interface FsModule {
  default?: unknown;
  handler?: unknown;
  handlers?: unknown;
  config?: RouteConfig;
}

/** Registers one file; special files come before the routes they are for. */
export function applyFsFile<State>(
  assembly: Assembly<State>,
  file: FsFile,
  { base }: { base: string },
): void {
  const scope = assembly.root.at(file.scope);
  if (file.kind === "route") return applyRoute(assembly, file, { base });

  const { module } = file;
  if (module === null) throw new Error(`${file.path} was not loaded before it was registered.`);
  if (file.kind === "middleware") {
    scope.middlewares.push(...middlewaresOf<State>(file, module));
    return;
  }
  const route = toRoute<State>(file, module);
  if (file.kind === "error") scope.errorRoute = route;
  if (file.kind === "notFound") assembly.root.notFound = (ctx) => answerError(ctx, route, 404);
  if (route.component === undefined) return;
  if (file.kind === "app") assembly.root.app = route.component;
  if (file.kind === "layout") scope.layout = { component: route.component, config: route.config };
}

function applyRoute<State>(
  assembly: Assembly<State>,
  file: FsFile,
  { base }: { base: string },
): void {
  let route: Route<State> | null = null;
  assembly.addRoute({
    scope: assembly.root.at(file.scope),
    pattern: joinPath(base, file.module?.config?.routeOverride ?? file.pattern),
    methods: [...METHODS],
  }, [async (ctx) => {
    route ??= toRoute<State>(file, await file.load());
    return await answer(ctx, route);
  }]);
}

function middlewaresOf<State>(file: FsFile, module: FsModule): MaybeLazyMiddleware<State>[] {
  const exported = module.handlers ?? module.handler ?? module.default;
  const list: unknown[] = Array.isArray(exported) ? exported : [exported];
  if (!list.every((item) => typeof item === "function")) {
    throw new Error(`${file.path} must export a middleware, or an array of them, as its default.`);
  }
  return list as MaybeLazyMiddleware<State>[];
}

function toRoute<State>(file: FsFile, module: FsModule): Route<State> {
  const handler = module.handlers ?? module.handler;
  if (typeof module.default !== "function" && handler === undefined && !module.config) {
    throw new Error(
      `${file.path} exports nothing to serve: export a component as default, or "handler".`,
    );
  }
  return {
    component: module.default as RouteComponent<State> | undefined,
    handler: handler as RouteHandler<unknown, State> | undefined,
    config: module.config,
  };
}
