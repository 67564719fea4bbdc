import { dataOf } from "../../../../../../lib/api/client.ts";
import { define } from "../../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect("/settings/tokens", 303),
  POST: async (ctx) => {
    dataOf(await ctx.state.api.revokeToken(ctx.params.id ?? ""));
    return ctx.redirect("/settings/tokens", 303);
  },
});
