import { page } from "fresh";
import { readForm } from "../../../../../lib/api/read_form.ts";
import { define } from "../../../../../lib/api/state.ts";
import { shownRefusal } from "../../../../../lib/ui/shown_refusal.ts";
import { DecisionList } from "../(_components)/decision_list.tsx";
import { loadDecisions } from "../(_components)/load_decisions.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect("/decisions", 303),
  POST: async (ctx) => {
    const decisionId = ctx.params.id ?? "";
    const form = await readForm(ctx.req);
    // Whatever isn't a yes is none.
    const answer = form.get("answer") === "approve" ? "approve" : "reject";
    const reason = (form.get("reason") ?? "").trim();
    const body = reason === "" ? {} : { reason };
    const result = await ctx.state.api.decide(decisionId, answer, body);
    if (result.ok) return ctx.redirect(`/runs/${encodeURIComponent(result.data.run_id)}`, 303);
    const problem = shownRefusal(result.problem);
    const data = await loadDecisions(ctx.state, { decisionId, problem, reason });
    return page(data, { status: problem.status });
  },
});

export default define.page<typeof handler>(({ data }) => <DecisionList {...data} />);
