import { dataOf } from "../../../../../lib/api/client.ts";
import { readForm } from "../../../../../lib/api/read_form.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(`/runs/${encodeURIComponent(ctx.params.run_id ?? "")}`, 303),
  POST: async (ctx) => {
    const form = await readForm(ctx.req);
    const from_scratch = form.get("from_scratch") === "yes";
    const task = form.get("task_id");
    const task_id = typeof task === "string" && task !== "" ? { task_id: task } : {};
    const body = { from_scratch, ...task_id };
    const result = await ctx.state.api.retryRun(ctx.params.run_id ?? "", body);
    return ctx.redirect(`/runs/${encodeURIComponent(dataOf(result).run_id)}`, 303);
  },
});
