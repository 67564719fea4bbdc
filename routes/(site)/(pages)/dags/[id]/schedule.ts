import { dataOf } from "../../../../../lib/api/client.ts";
import { readForm } from "../../../../../lib/api/read_form.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(`/dags/${encodeURIComponent(ctx.params.id ?? "")}`, 303),
  POST: async (ctx) => {
    const dagId = ctx.params.id ?? "";
    const enabled = (await readForm(ctx.req)).get("enabled") === "yes";
    dataOf(await ctx.state.api.setSchedule(dagId, { enabled }));
    return ctx.redirect(`/dags/${encodeURIComponent(dagId)}#schedule`, 303);
  },
});
