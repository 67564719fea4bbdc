/** The API as one visitor may use it, without going over the network: for pages. */
import { type Client, createClient } from "./client.ts";

/** How a request gets its answer inside this process. */
export type Handle = (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

/**
 * Makes a client whose requests carry the visitor's cookie or token and are answered by the
 * application itself, with all its checks.
 */
export function clientFor(request: Request, handle: Handle): Client {
  const { origin, host } = new URL(request.url);
  const carried = new Headers({ host, origin });
  for (const name of ["cookie", "authorization"]) {
    const value = request.headers.get(name);
    if (value !== null) carried.set(name, value);
  }
  return createClient({
    baseUrl: origin,
    fetch: (input, init) => {
      const inner = new Request(input, init);
      for (const [name, value] of carried) inner.headers.set(name, value);
      return handle(inner);
    },
  });
}
