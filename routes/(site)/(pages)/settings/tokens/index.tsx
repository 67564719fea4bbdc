import { page } from "fresh";
import { ProblemError } from "../../../../../lib/api/client.ts";
import { readForm } from "../../../../../lib/api/read_form.ts";
import { define } from "../../../../../lib/api/state.ts";
import type { Role } from "../../../../../lib/schema/roles.ts";
import { NEW_TOKEN } from "../../../../../lib/ui/token_form.tsx";
import { loadTokens } from "../(_components)/load_tokens.ts";
import { TokenPage } from "../(_components)/token_page.tsx";

export const handler = define.handlers({
  GET: async (ctx) => page(await loadTokens(ctx, { fields: NEW_TOKEN })),
  /** The new token is in this page and nowhere else, so there is nothing to redirect to. */
  POST: async (ctx) => {
    const form = await readForm(ctx.req);
    const fields = {
      name: form.get("name") ?? "",
      roles: form.getAll("role"),
      scopes: form.get("scopes")?.trim() ?? "",
      expires_in: form.get("expires_in")?.trim() ?? "",
    };
    const scopes = fields.scopes.split(/[\s,]+/).filter((scope) => scope !== "");
    const result = await ctx.state.api.createToken({
      name: fields.name,
      // The API says of a role whether there is one.
      roles: fields.roles as Role[],
      ...(scopes.length === 0 ? {} : { scopes }),
      ...(fields.expires_in === "" ? {} : { expires_in: fields.expires_in }),
    }, { idempotencyKey: form.get("attempt") || undefined });
    if (result.ok) return page(await loadTokens(ctx, { fields: NEW_TOKEN, made: result.data }));
    const { problem } = result;
    if (!SHOWN.includes(problem.code)) throw new ProblemError(problem);
    return page(await loadTokens(ctx, { fields, problem }), { status: problem.status });
  },
});

/** What the form itself tells of; all else has the error page. */
const SHOWN: readonly string[] = ["invalid_request", "scope_not_allowed", "idempotency_conflict"];

export default define.page<typeof handler>(({ data, url }) => <TokenPage {...data} url={url} />);
