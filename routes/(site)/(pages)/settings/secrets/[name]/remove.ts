import { dataOf } from "../../../../../../lib/api/client.ts";
import { readForm } from "../../../../../../lib/api/read_form.ts";
import { define } from "../../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect("/settings/secrets", 303),
  POST: async (ctx) => {
    const scope = (await readForm(ctx.req)).get("scope") || undefined;
    dataOf(await ctx.state.api.secrets.remove(ctx.params.name ?? "", { scope }));
    return ctx.redirect("/settings/secrets", 303);
  },
});
