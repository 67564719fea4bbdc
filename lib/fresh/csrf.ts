import type { Context } from "./context.ts";
import { HttpError } from "./http_error.ts";
import type { Middleware } from "./middleware.ts";

export interface CsrfOptions<State = unknown> {
  /** Origins that may send forms here; by default only this site's own. */
  origin?:
    | string
    | string[]
    | ((origin: string, context: Context<State>) => boolean);
}

/** Refuses requests that change something and come from another site, with 403. */
export function csrf<State>(options: CsrfOptions<State> = {}): Middleware<State> {
  return async (ctx) => {
    const { method, headers } = ctx.req;
    if (["GET", "HEAD", "OPTIONS"].includes(method)) return await ctx.next();

    const site = headers.get("sec-fetch-site");
    const origin = headers.get("origin");
    const own = site === "same-origin" || site === "none";
    // Neither header: not a browser, so there are no cookies to be abused.
    const notABrowser = site === null && origin === null;
    if (own || notABrowser || isAllowed(origin, { ctx, allowed: options.origin })) {
      return await ctx.next();
    }
    throw new HttpError(403);
  };
}

function isAllowed<State>(
  origin: string | null,
  { ctx, allowed }: {
    ctx: Context<State>;
    allowed: CsrfOptions<State>["origin"];
  },
): boolean {
  if (origin === null) return false;
  if (allowed === undefined) return origin === ctx.url.origin;
  if (typeof allowed === "function") return allowed(origin, ctx);
  return Array.isArray(allowed) ? allowed.includes(origin) : origin === allowed;
}
