import type { Context } from "./context.ts";

/** Answers a request or passes it on with `ctx.next()`. */
export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;

/** Older name of {@linkcode Middleware}. */
export type MiddlewareFn<State> = Middleware<State>;

/** A function that loads something when it is first needed. */
export type Lazy<T> = () => Promise<T>;
export type MaybeLazy<T> = T | Lazy<T>;

/** A middleware, or a function that loads one when the first request arrives. */
export type MaybeLazyMiddleware<State> = (
  ctx: Context<State>,
) => Response | Promise<Response | Middleware<State>>;

/**
 * Joins middlewares into one; the last one's `ctx.next()` continues with whatever
 * `ctx.next` was when the joined one was called.
 */
export function compose<State>(steps: MaybeLazyMiddleware<State>[]): Middleware<State> {
  const ready = [...steps];
  return (ctx) => {
    const tail = ctx.next;
    const run = async (index: number): Promise<Response> => {
      const step = ready[index];
      if (step === undefined) return await tail();
      ctx.next = () => run(index + 1);
      try {
        const result = await step(ctx);
        if (typeof result !== "function") return result;
        ready[index] = result; // what was loaded takes its loader's place
        return await result(ctx);
      } catch (error) {
        ctx.error = error;
        throw error;
      }
    };
    return run(0);
  };
}
