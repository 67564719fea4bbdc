import { page } from "fresh";
import { dataOf, ProblemError } from "../../../../../lib/api/client.ts";
import { readForm } from "../../../../../lib/api/read_form.ts";
import { define } from "../../../../../lib/api/state.ts";
import { MAX_SECRET_BYTES } from "../../../../../lib/schema/secret.ts";
import { Notice } from "../../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { SecretForm } from "../../../../../lib/ui/secret_form.tsx";
import { SecretTable } from "../../../../../lib/ui/secret_table.tsx";
import { SettingsNav } from "../../../../../lib/ui/settings_nav.tsx";
import { visibleText } from "../../../../../lib/ui/visible_text.ts";
import { useWords } from "../../../../../lib/ui/words/words.ts";

/** A form writes a byte in up to three characters. */
const MAX_FORM_BYTES = 3 * MAX_SECRET_BYTES + 4096;

export const handler = define.handlers({
  GET: async (ctx) => {
    const { secrets } = dataOf(await ctx.state.api.secrets.list());
    return page({ secrets, fields: { name: "", scope: "" }, problem: undefined });
  },
  POST: async (ctx) => {
    const { api } = ctx.state;
    const form = await readForm(ctx.req, MAX_FORM_BYTES);
    const fields = { name: form.get("name")?.trim() ?? "", scope: form.get("scope")?.trim() ?? "" };
    // A form writes the ends of lines in its own way; keys and certificates have theirs.
    const value = (form.get("value") ?? "").replaceAll("\r\n", "\n");
    const body = { value, ...(fields.scope === "" ? {} : { scope: fields.scope }) };
    const result = await api.secrets.set(fields.name, body);
    if (result.ok) return ctx.redirect("/settings/secrets", 303);
    const { problem } = result;
    if (!SHOWN.includes(problem.code)) throw new ProblemError(problem);
    const { secrets } = dataOf(await api.secrets.list());
    return page({ secrets, fields, problem }, { status: problem.status });
  },
});

/** What the form itself tells of; all else has the error page. */
const SHOWN: readonly string[] = ["invalid_request", "scope_not_allowed"];

export default define.page<typeof handler>(({ data: { secrets, fields, problem } }) => {
  const words = useWords();
  return (
    <>
      <PageTitle title={words.settings.secrets} />
      <SettingsNav at="secrets" />
      {problem !== undefined && (
        <Notice kind="bad" title={words.secrets.refused} code={problem.code}>
          <p>{visibleText(problem.detail)}.</p>
        </Notice>
      )}
      <p class="quiet">{words.secrets.hint}</p>
      <SecretTable secrets={secrets} />
      <section aria-labelledby="set">
        <h2 id="set">{words.secrets.set}</h2>
        <SecretForm fields={fields} />
      </section>
    </>
  );
});
