import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Requester, type Result } from "../api/client_request.ts";
import type { DraftView } from "./draft_view.ts";

/** How long nothing is typed before the document is looked at, in milliseconds. */
const REST_MS = 300;

/** A text and what was said of it. */
export interface ShownDraft {
  readonly text: string;
  readonly view: DraftView;
  /** Whether the graph is that of an earlier text, because nothing can be made out of this one. */
  readonly isGraphOld: boolean;
}

/** A document that is being written. */
export interface Draft {
  readonly shown: Signal<ShownDraft>;
  /** Whether the field has another text by now. */
  readonly isAhead: Signal<boolean>;
  /** Whether the node had nothing to say about the last text: it was not there, or refused. */
  readonly isUnchecked: Signal<boolean>;
  /** To be told when something was typed. */
  readonly onInput: () => void;
}

/** Has a document looked at whenever its writer rests: one question at a time, the last text wins. */
export function useDraft(
  field: RefObject<HTMLTextAreaElement>,
  first: Pick<ShownDraft, "text" | "view">,
): Draft {
  const shown = useSignal<ShownDraft>({ ...first, isGraphOld: false });
  const isAhead = useSignal(false);
  const isUnchecked = useSignal(false);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const isAsking = useRef(false);
  const look = async (): Promise<void> => {
    if (isAsking.current) return;
    isAsking.current = true;
    let text = field.current?.value ?? "";
    while (text !== shown.value.text) {
      const answer = await check(text);
      isUnchecked.value = !answer.ok;
      if (!answer.ok) break;
      shown.value = next(shown.value, { text, view: answer.data });
      text = field.current?.value ?? text;
    }
    isAhead.value = text !== shown.value.text;
    isAsking.current = false;
  };
  const onInput = (): void => {
    isAhead.value = field.current?.value !== shown.value.text;
    clearTimeout(timer.current);
    timer.current = setTimeout(look, REST_MS);
  };
  useEffect(() => {
    // A browser that goes back fills fields with what was in them.
    if (field.current?.value !== first.text) onInput();
    return () => clearTimeout(timer.current);
  }, []);
  return { shown, isAhead, isUnchecked, onInput };
}

/** While a text can't be read, for instance in the middle of a word, its last graph stays. */
function next(before: ShownDraft, { text, view }: Pick<ShownDraft, "text" | "view">): ShownDraft {
  const keeps = view.kind === "problems" && view.graph === null && before.view.graph !== null;
  const graph = keeps ? before.view.graph : view.graph;
  return { text, view: { ...view, graph }, isGraphOld: keeps };
}

function check(text: string): Promise<Result<DraftView>> {
  return new Requester({ baseUrl: "" }).json<DraftView>("/publish/check", {
    method: "POST",
    contentType: "application/x-www-form-urlencoded",
    body: new URLSearchParams({ document: text }).toString(),
  });
}
