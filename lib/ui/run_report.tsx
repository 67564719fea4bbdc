import type { JSX } from "preact";
import type { RunView } from "../schema/api.ts";
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
      <section aria-labelledby="tasks">
        <h2 id="tasks">Tasks</h2>
        <TaskTable tasks={run.tasks} />
      </section>
    </>
  );
}
