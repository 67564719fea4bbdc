import { page } from "fresh";
import { LiveDraft } from "../../../../islands/live-draft.tsx";
import { requireRole } from "../../../../lib/auth/principal.ts";
import { define } from "../../../../lib/api/state.ts";
import type { PublishAnswer } from "../../../../lib/schema/api.ts";
import type { DagSpec } from "../../../../lib/schema/dag_spec.ts";
import { parseSpecText } from "../../../../lib/schema/parse_spec.ts";
import { type DraftView, EMPTY_DRAFT } from "../../../../lib/ui/draft_view.ts";
import { PageTitle } from "../../../../lib/ui/page_title.tsx";
import { useWords } from "../../../../lib/ui/words/words.ts";
import { draftView } from "./(_components)/check_draft.ts";
import { readDraft } from "./(_components)/draft_text.ts";
import { FullPreview } from "./(_components)/full_preview.tsx";

interface Data {
  readonly text: string;
  readonly view: DraftView;
  /** All that would be confirmed, where nothing is wrong. */
  readonly full?: { readonly answer: PublishAnswer; readonly spec: DagSpec };
}

export const handler = define.handlers({
  GET: (ctx) => {
    if (ctx.state.principal !== undefined) requireRole(ctx.state.principal, "publisher");
    return page<Data>({ text: "", view: EMPTY_DRAFT });
  },
  POST: async (ctx) => {
    const { api, node } = ctx.state;
    const { text, isPublish } = await readDraft(ctx);
    const result = isPublish ? await api.publish({ text }) : await api.validate({ text });
    if (result.ok && isPublish) {
      return ctx.redirect(`/pending#${encodeURIComponent(result.data.dag_id)}`, 303);
    }
    const most = node.config.max_tasks;
    const view = draftView(text, result, { most });
    if (!result.ok) return page<Data>({ text, view }, { status: result.problem.status });
    const parsed = parseSpecText(text, { maxTasks: most });
    const full = parsed.ok ? { full: { answer: result.data, spec: parsed.spec } } : {};
    return page<Data>({ text, view, ...full });
  },
});

export default define.page<typeof handler>(({ data: { text, view, full } }) => {
  const { publish } = useWords();
  return (
    <>
      <PageTitle title={publish.title} />
      <LiveDraft text={text} view={view}>
        {full !== undefined && <FullPreview {...full} />}
      </LiveDraft>
    </>
  );
});
