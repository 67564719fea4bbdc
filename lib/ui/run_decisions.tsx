import type { JSX } from "preact";
import { DecisionCard } from "./decision_card.tsx";
import type { RunHead } from "./run_page_view.ts";
import { useWords } from "./words/words.ts";

/** More than these are on the page of decisions. */
const MOST_SHOWN = 20;

/** The decisions about a run's tasks that are open, or those that are not; nothing for none. */
export function RunDecisions({ run, isOpen, mayAct }: {
  run: RunHead;
  isOpen: boolean;
  mayAct: boolean;
}): JSX.Element | null {
  const { run: words } = useWords();
  const decisions = run.decisions.filter(({ status }) => (status === "open") === isOpen);
  if (decisions.length === 0) return null;
  const id = isOpen ? "open-decisions" : "decisions";
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{isOpen ? words.openDecisions : words.decisions}</h2>
      {decisions.slice(0, MOST_SHOWN).map((decision) => (
        <DecisionCard key={decision.decision_id} decision={decision} mayAct={mayAct} />
      ))}
      {decisions.length > MOST_SHOWN && (
        <p>
          <a href="/decisions">{words.moreDecisions(decisions.length - MOST_SHOWN)}</a>
        </p>
      )}
    </section>
  );
}
