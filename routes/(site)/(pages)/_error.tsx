import { page } from "fresh";
import { define } from "../../../lib/api/state.ts";
import { explainError, isDefect } from "../../../lib/ui/error_explanation.ts";
import { PageTitle } from "../../../lib/ui/page_title.tsx";
import { useWords } from "../../../lib/ui/words/words.ts";
import { visibleText } from "../../../lib/ui/visible_text.ts";

export const handler = define.handlers((ctx) => {
  const { node, requestId } = ctx.state;
  if (isDefect(ctx.error)) {
    const text = ctx.error instanceof Error ? ctx.error.stack : String(ctx.error);
    node.report(`request ${requestId}: ${text}`);
  }
  const explanation = explainError(ctx.error);
  return page({ explanation, requestId }, { status: explanation.status });
});

export default define.page<typeof handler>(({ data: { explanation, requestId } }) => {
  const { error } = useWords();
  return (
    <>
      <PageTitle title={explanation.title}>
        <p class="quiet">{error.status(explanation.status)}</p>
      </PageTitle>
      <p class="lines" data-code={explanation.code}>{visibleText(explanation.detail)}</p>
      <p>{explanation.advice}</p>
      <p>
        <a href="/">{error.overview}</a>
      </p>
      <p class="quiet">
        {error.request} <code>{requestId}</code>
      </p>
    </>
  );
});
