/** What a server imports from `fresh`. */
export { App, type ListenOptions } from "./app.ts";
export type { FreshConfig, ResolvedFreshConfig } from "./config.ts";
export type { PageProps } from "./component.ts";
export type { Context, FreshContext } from "./context.ts";
export { csp, type CSPOptions } from "./csp.ts";
export { csrf, type CsrfOptions } from "./csrf.ts";
export { createDefine, type Define } from "./define.ts";
export {
  type HandlerByMethod,
  type HandlerFn,
  page,
  type PageResponse,
  type RouteData,
  type RouteHandler,
} from "./handlers.ts";
export { HttpError } from "./http_error.ts";
export type { Island } from "./island_registry.ts";
export type { Lazy, MaybeLazy, Middleware, MiddlewareFn } from "./middleware.ts";
export type { Method } from "./router.ts";
export type { LayoutConfig, RouteConfig } from "./route.ts";
export { staticFiles } from "./static_files.ts";
