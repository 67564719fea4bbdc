import type { JSX } from "preact";
import { PageTitle } from "./page_title.tsx";
import { runPath } from "./run_paths.ts";
import type { RunPageView } from "./run_page_view.ts";
import { StatusBadge } from "./status_badge.tsx";
import { stateWords } from "./state_look.ts";
import { StateBar } from "./state_bar.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { TimeSpan } from "./time_span.tsx";
import { waitingText } from "./waiting_text.ts";
import { useWords } from "./words/words.ts";

/** What a run is, how far it is and how long it has taken: the first thing to be read. */
export function RunHead({ view }: { view: RunPageView }): JSX.Element {
  const { run: words, states } = useWords();
  const { run, counts } = view;
  return (
    <header class="run-head">
      <PageTitle title={words.title(run.dag_id)}>
        <StatusBadge state={run.status} />
      </PageTitle>
      <p class="visually-hidden" role="status">
        {words.nowIs(states[run.status] ?? stateWords(run.status))}
      </p>
      <p class="meta">
        <code>{run.run_id}</code>
        <span>
          <a href={`/dags/${encodeURIComponent(run.dag_id)}`}>{run.dag_id}</a>{" "}
          {words.version(run.version)}
        </span>
        {run.retry_of !== null && (
          <span>
            {words.retryOf} <a href={runPath(run.retry_of)}>{run.retry_of.slice(-12)}</a>
          </span>
        )}
        <span>
          {words.started} <TimeAgo time={run.started_at ?? run.created_at} />
        </span>
        <span>
          {words.took} <TimeSpan from={run.started_at} to={run.finished_at} />
        </span>
        <span>{words.progress(run.completed_tasks, run.total_tasks)}</span>
      </p>
      <StateBar counts={counts} total={run.total_tasks} />
      {run.waiting !== null && (
        <p>
          {words.waitsFor}: {waitingText(run.waiting)}
        </p>
      )}
    </header>
  );
}
