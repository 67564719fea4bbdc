import type { ComponentChildren, JSX, TargetedMouseEvent } from "preact";
import { useRef } from "preact/hooks";
import { DraftReport } from "../lib/ui/draft_report.tsx";
import type { DraftView } from "../lib/ui/draft_view.ts";
import { Notice } from "../lib/ui/notice.tsx";
import { selectLine } from "../lib/ui/select_line.ts";
import { useDraft } from "../lib/ui/use_draft.ts";
import { useWords } from "../lib/ui/words/words.ts";

/** What a document looks like, where there is none yet. */
const SHAPE = `dag_id: hello
tasks:
  - id: greet
    type: shell
    command: echo hello
  - id: after
    type: shell
    command: echo done
    depends_on: [greet]`;

/**
 * The form for a new DAG. While it is filled in, it shows what is wrong and the graph as far as it
 * can be made out; without JavaScript it does so when it is sent.
 */
export function LiveDraft({ text, view, children }: {
  /** What the field has in it, and what is said of that. */
  text: string;
  view: DraftView;
  /** All that would be confirmed: of this very text, and gone with it. */
  children?: ComponentChildren;
}): JSX.Element {
  const { publish } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const { shown, isAhead, isUnchecked, onInput } = useDraft(field, { text, view });
  const isSame = shown.value.text === text && !isAhead.value;
  return (
    <>
      <div class="draft">
        <form method="post" action="/publish" class="stacked wide">
          <label for="document">{publish.label}</label>
          <textarea
            id="document"
            name="document"
            class="mono"
            rows={22}
            required
            spellcheck={false}
            autocomplete="off"
            wrap="off"
            placeholder={SHAPE}
            aria-invalid={shown.value.view.kind === "problems" ? "true" : undefined}
            aria-describedby="document-hint"
            ref={field}
            onInput={onInput}
          >
            {text}
          </textarea>
          <p id="document-hint" class="remark">{publish.hint} {publish.publishHint}</p>
          <p class="actions">
            <button type="submit" name="do" value="check">{publish.check}</button>
            <button type="submit" name="do" value="publish" class="button-good">
              {publish.publish}
            </button>
          </p>
        </form>
        <div
          class={isAhead.value ? "column is-ahead" : "column"}
          onClick={(event) => goToLine(event, field.current)}
        >
          {isUnchecked.value && (
            <Notice kind="warning" title={publish.unchecked}>
              <p>{publish.uncheckedHint}</p>
            </Notice>
          )}
          <DraftReport draft={shown.value} />
        </div>
      </div>
      {isSame && children}
    </>
  );
}

/** What names a line of the document leads to it in the field. */
function goToLine(
  event: TargetedMouseEvent<HTMLElement>,
  field: HTMLTextAreaElement | null,
): void {
  const link = event.target instanceof Element ? event.target.closest("a[data-line]") : null;
  const line = Number(link?.getAttribute("data-line"));
  if (field === null || !(line > 0)) return;
  event.preventDefault();
  selectLine(field, line);
}
