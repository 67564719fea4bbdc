import { languageCookie } from "../../../lib/api/language.ts";
import { readForm } from "../../../lib/api/read_form.ts";
import { define } from "../../../lib/api/state.ts";
import { languageOfTag } from "../../../lib/schema/language.ts";
import { safeNext } from "../../../lib/ui/safe_next.ts";

/** Keeps the language that was chosen, and leads back to where the form was. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect("/", 303),
  POST: async (ctx) => {
    const form = await readForm(ctx.req);
    const response = ctx.redirect(safeNext(form.get("back")), 303);
    const language = languageOfTag(form.get("language") ?? "");
    if (language !== undefined) response.headers.set("set-cookie", languageCookie(language));
    return response;
  },
});
