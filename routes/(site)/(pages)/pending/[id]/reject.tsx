import { page } from "fresh";
import { readForm } from "../../../../../lib/api/read_form.ts";
import { define } from "../../../../../lib/api/state.ts";
import { loadPending } from "../(_components)/load_pending.ts";
import { PendingList } from "../(_components)/pending_list.tsx";
import { shownRefusal } from "../../../../../lib/ui/shown_refusal.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect("/pending", 303),
  POST: async (ctx) => {
    const dagId = ctx.params.id ?? "";
    const form = await readForm(ctx.req);
    const reason = form.get("reason") ?? "";
    const spec_hash = form.get("spec_hash") ?? "";
    const result = await ctx.state.api.reject(dagId, { reason, spec_hash });
    if (result.ok) return ctx.redirect(`/dags/${encodeURIComponent(dagId)}`, 303);
    const problem = shownRefusal(result.problem);
    const data = await loadPending(ctx.state, { dagId, problem, reason });
    return page(data, { status: problem.status });
  },
});

export default define.page<typeof handler>(({ data }) => <PendingList {...data} />);
