import type { JSX } from "preact";
import { DebtList } from "./debt_list.tsx";
import { RunActions } from "./run_actions.tsx";
import { RunDecisions } from "./run_decisions.tsx";
import { RunFailureNotice } from "./run_failure_notice.tsx";
import { RunGraph } from "./run_graph.tsx";
import type { RunPicture } from "./run_graph_view.ts";
import { RunHead } from "./run_head.tsx";
import type { RunPageView } from "./run_page_view.ts";
import { RunTimeline } from "./run_timeline.tsx";
import { TaskTable } from "./task_table.tsx";
import { useWords } from "./words/words.ts";

/** A run with its tasks: everything on its page above the output. */
export function RunReport({ view, picture, mayAct }: {
  view: RunPageView;
  picture: RunPicture | null;
  mayAct: boolean;
}): JSX.Element {
  const { run: words } = useWords();
  const { run, timeline } = view;
  return (
    <>
      <RunHead view={view} />
      <RunFailureNotice view={view} />
      {mayAct && <RunActions run={run} />}
      <RunDecisions run={run} mayAct={mayAct} isOpen />
      {picture !== null && (
        <section aria-labelledby="graph">
          <h2 id="graph">{words.graph}</h2>
          <RunGraph runId={run.run_id} picture={picture} states={view.boxes} />
        </section>
      )}
      <section aria-labelledby="timeline">
        <h2 id="timeline">{words.timeline}</h2>
        <RunTimeline runId={run.run_id} timeline={timeline} />
      </section>
      <section aria-labelledby="tasks">
        <h2 id="tasks">{words.tasks}</h2>
        <TaskTable view={view} mayAct={mayAct} />
      </section>
      <RunDecisions run={run} mayAct={mayAct} isOpen={false} />
      {run.debts.length > 0 && (
        <section aria-labelledby="debts">
          <h2 id="debts">{words.debts}</h2>
          <DebtList debts={run.debts} mayAct={mayAct} />
        </section>
      )}
    </>
  );
}
