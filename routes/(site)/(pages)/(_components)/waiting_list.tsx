import type { JSX } from "preact";
import { Countdown } from "../../../../islands/countdown.tsx";
import type { PendingView } from "../../../../lib/schema/api.ts";
import type { DebtView } from "../../../../lib/schema/debt.ts";
import type { DecisionView } from "../../../../lib/schema/decision.ts";
import { EmptyState } from "../../../../lib/ui/empty_state.tsx";
import { TimeAgo } from "../../../../lib/ui/time_ago.tsx";
import { visibleText } from "../../../../lib/ui/visible_text.ts";
import { useWords } from "../../../../lib/ui/words/words.ts";

/** What waits for a person: versions to confirm, decisions to take, debts to settle. */
export function WaitingList({ pending, decisions, debts }: {
  pending: readonly PendingView[];
  decisions: readonly DecisionView[];
  debts: readonly DebtView[];
}): JSX.Element {
  const { overview, decision: words } = useWords();
  if (pending.length + decisions.length + debts.length === 0) {
    return (
      <EmptyState title={overview.nothingWaits}>
        <p>
          {overview.nothingWaitsHint} <code>deno task dag publish examples/hello.yaml</code>
        </p>
      </EmptyState>
    );
  }
  return (
    <ul class="waiting">
      {pending.map((dag) => (
        <li key={dag.dag_id}>
          <a href={`/pending#${dag.dag_id}`}>
            <strong>{dag.dag_id}</strong> {overview.version(dag.version)}
          </a>{" "}
          <span class="quiet">
            {overview.tasks(dag.tasks_count)}, <Countdown leftMs={dag.expires_in_sec * 1000} />
          </span>
        </li>
      ))}
      {decisions.map((decision) => (
        <li key={decision.decision_id}>
          <a href={`/decisions#${decision.decision_id}`}>
            <strong>{visibleText(words.question(decision.question))}</strong>
          </a>{" "}
          <span class="quiet">
            {decision.dag_id}, {decision.task_id}, <TimeAgo time={decision.created_at} />
          </span>
        </li>
      ))}
      {debts.map((debt) => (
        <li key={debt.debt_id}>
          <a href={`/runs/${encodeURIComponent(debt.run_id)}`}>
            <strong>{overview.debt(debt.task_id)}</strong>
          </a>{" "}
          <span class="quiet">
            {debt.dag_id}, <TimeAgo time={debt.created_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
