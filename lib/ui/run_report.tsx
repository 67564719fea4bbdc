import type { JSX } from "preact";
import type { RunView } from "../schema/api.ts";
import { DebtList } from "./debt_list.tsx";
import { DecisionCard } from "./decision_card.tsx";
import { Notice } from "./notice.tsx";
import { PageTitle } from "./page_title.tsx";
import { RunActions } from "./run_actions.tsx";
import { RunFacts } from "./run_facts.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { TaskTable } from "./task_table.tsx";
import { visibleText } from "./visible_text.ts";

/** A run with its tasks: everything on its page but the output. */
export function RunReport({ run, mayAct }: { run: RunView; mayAct: boolean }): JSX.Element {
  return (
    <>
      <PageTitle title={`Run of ${run.dag_id}`}>
        <StatusBadge state={run.status} />
      </PageTitle>
      <p class="quiet">
        <code>{run.run_id}</code>
      </p>
      {run.error !== null && (
        <Notice kind="bad" title="Why it did not succeed">
          <p class="lines">{visibleText(run.error)}</p>
        </Notice>
      )}
      {mayAct && <RunActions run={run} />}
      <RunFacts run={run} />
      {run.decisions.length > 0 && (
        <section aria-labelledby="decisions">
          <h2 id="decisions">Decisions</h2>
          {run.decisions.map((decision) => (
            <DecisionCard key={decision.decision_id} decision={decision} mayAct={mayAct} />
          ))}
        </section>
      )}
      {run.debts.length > 0 && (
        <section aria-labelledby="debts">
          <h2 id="debts">Debts</h2>
          <DebtList debts={run.debts} mayAct={mayAct} />
        </section>
      )}
      <section aria-labelledby="tasks">
        <h2 id="tasks">Tasks</h2>
        <TaskTable run={run} mayAct={mayAct} />
      </section>
    </>
  );
}
