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
    // Always with a hash, if a wrong one: the page must never confirm what wasn't on screen.
    const spec_hash = form.get("spec_hash") ?? "";
    const result = await ctx.state.api.confirm(dagId, { spec_hash });
    if (result.ok) return ctx.redirect(`/runs/${result.data.run_id}`, 303);
    const problem = shownRefusal(result.problem);
    return page(await loadPending(ctx.state, { dagId, problem }), { status: problem.status });
  },
});

export default define.page<typeof handler>(({ data }) => <PendingList {...data} />);
