import { dataOf } from "../../../../../../../lib/api/client.ts";
import { define } from "../../../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(`/runs/${encodeURIComponent(ctx.params.run_id ?? "")}`, 303),
  POST: async (ctx) => {
    const { run_id = "", task_id = "" } = ctx.params;
    dataOf(await ctx.state.api.cancelTask(run_id, task_id));
    return ctx.redirect(`/runs/${encodeURIComponent(run_id)}`, 303);
  },
});
