import type { JSX } from "preact";
import { Head } from "fresh/runtime";
import type { ProblemDocument } from "../../../../../lib/schema/api.ts";
import type { DecisionView } from "../../../../../lib/schema/decision.ts";
import { DecisionCard } from "../../../../../lib/ui/decision_card.tsx";
import { EmptyState } from "../../../../../lib/ui/empty_state.tsx";
import { Notice } from "../../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { visibleText } from "../../../../../lib/ui/visible_text.ts";

/** What the page of decisions shows. */
export interface DecisionsData {
  readonly open: readonly DecisionView[];
  readonly recent: readonly DecisionView[];
  readonly mayAct: boolean;
  /** The answer that was not taken, if the page answers one. */
  readonly refused?: {
    readonly decisionId: string;
    readonly problem: ProblemDocument;
    readonly reason: string;
  };
}

/** The page of decisions. As that of waiting versions, it holds still while something is asked. */
export function DecisionList({ open, recent, mayAct, refused }: DecisionsData): JSX.Element {
  return (
    <>
      <PageTitle title="Decisions">
        <p class="quiet">{open.length === 0 ? "nothing is asked" : `${open.length} open`}</p>
      </PageTitle>
      {refused !== undefined && (
        <Notice kind="warning" title={refused.problem.title} code={refused.problem.code}>
          <p>{visibleText(refused.problem.detail)}.</p>
        </Notice>
      )}
      {open.length === 0 && <NothingAsked />}
      {open.map((decision) => (
        <DecisionCard
          key={decision.decision_id}
          decision={decision}
          mayAct={mayAct}
          {...(refused?.decisionId === decision.decision_id ? { reason: refused.reason } : {})}
        />
      ))}
      {recent.length > 0 && (
        <section aria-labelledby="recent">
          <h2 id="recent">Decided lately</h2>
          {recent.map((decision) => (
            <DecisionCard key={decision.decision_id} decision={decision} mayAct={mayAct} />
          ))}
        </section>
      )}
    </>
  );
}

function NothingAsked(): JSX.Element {
  return (
    <EmptyState title="No task waits for you.">
      <Head>
        <meta http-equiv="refresh" content="15; url=/decisions" />
      </Head>
      <p>
        A question appears here when a task is about to start whose level asks for a person, or an
        approval. This page looks again every 15 seconds.
      </p>
    </EmptyState>
  );
}
