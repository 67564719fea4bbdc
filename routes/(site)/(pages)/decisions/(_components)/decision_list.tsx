import type { JSX } from "preact";
import { Head } from "fresh/runtime";
import type { ProblemDocument } from "../../../../../lib/schema/api.ts";
import type { TaskSpec } from "../../../../../lib/schema/dag_spec.ts";
import type { DecisionView } from "../../../../../lib/schema/decision.ts";
import { DecisionCard } from "../../../../../lib/ui/decision_card.tsx";
import { EmptyState } from "../../../../../lib/ui/empty_state.tsx";
import { Notice } from "../../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { TaskContent } from "../../../../../lib/ui/task_content.tsx";
import { visibleText } from "../../../../../lib/ui/visible_text.ts";
import { useWords } from "../../../../../lib/ui/words/words.ts";

/** What the page of decisions shows. */
export interface DecisionsData {
  readonly open: readonly DecisionView[];
  /** What the task of each open decision would do, where that is known. */
  readonly tasks: ReadonlyMap<string, TaskSpec>;
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
export function DecisionList({ open, tasks, recent, mayAct, refused }: DecisionsData): JSX.Element {
  const { decision: words } = useWords();
  return (
    <>
      <PageTitle title={words.title}>
        <p class="quiet">{words.open(open.length)}</p>
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
        >
          <Would task={tasks.get(decision.decision_id)} />
        </DecisionCard>
      ))}
      {recent.length > 0 && (
        <section aria-labelledby="recent">
          <h2 id="recent">{words.lately}</h2>
          {recent.map((decision) => (
            <DecisionCard key={decision.decision_id} decision={decision} mayAct={mayAct} />
          ))}
        </section>
      )}
    </>
  );
}

/** What an answer lets happen; a gate does nothing itself. */
function Would({ task }: { task: TaskSpec | undefined }): JSX.Element | null {
  const { decision: words } = useWords();
  if (task === undefined || task.type === "approval") return null;
  return (
    <>
      <h4>{words.would}</h4>
      <TaskContent task={task} />
    </>
  );
}

function NothingAsked(): JSX.Element {
  const { decision: words, pending } = useWords();
  return (
    <EmptyState title={words.nothing}>
      <Head>
        <meta http-equiv="refresh" content="15; url=/decisions" />
      </Head>
      <p>
        {words.nothingHint} {pending.looksAgain}
      </p>
    </EmptyState>
  );
}
