import { define } from "../../../../../lib/api/state.ts";

/** All that a run's tasks wrote as plain text: the API's answer to who asks for that form. */
export const handler = define.handlers({
  GET: (ctx) => {
    const url = new URL(
      `/api/v1/runs/${encodeURIComponent(ctx.params.run_id ?? "")}/logs`,
      ctx.url,
    );
    // Of one task, or of one attempt, where the address says so.
    url.search = ctx.url.search;
    const headers = new Headers({ accept: "text/plain", host: ctx.url.host });
    for (const name of ["cookie", "authorization"]) {
      const value = ctx.req.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    return ctx.state.handle(new Request(url, { headers, signal: ctx.req.signal }));
  },
});
