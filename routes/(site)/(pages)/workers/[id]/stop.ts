import { dataOf } from "../../../../../lib/api/client.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(`/workers/${encodeURIComponent(ctx.params.id ?? "")}`, 303),
  POST: async (ctx) => {
    const { worker_id } = dataOf(await ctx.state.api.stopWorker(ctx.params.id ?? ""));
    return ctx.redirect(`/workers/${encodeURIComponent(worker_id)}`, 303);
  },
});
