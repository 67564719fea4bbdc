import { dataOf } from "../../../../../lib/api/client.ts";
import { readForm } from "../../../../../lib/api/read_form.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect("/runs", 303),
  POST: async (ctx) => {
    const debtId = ctx.params.id ?? "";
    const form = await readForm(ctx.req);
    const reason = form.get("reason") ?? "";
    const resume = form.get("resume") === "yes";
    const answer = dataOf(await ctx.state.api.resolveDebt(debtId, { reason, resume }));
    const run = answer.run_id ?? ctx.state.node.debts.load(debtId)?.run_id ?? "";
    return ctx.redirect(`/runs/${encodeURIComponent(run)}`, 303);
  },
});
