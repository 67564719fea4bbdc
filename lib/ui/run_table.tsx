import type { JSX } from "preact";
import type { RunSummary } from "../schema/api.ts";
import { scopeKey } from "../schema/scope_key.ts";
import { ScrollTable } from "./scroll_table.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { TimeSpan } from "./time_span.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Runs, one per row. */
export function RunTable(
  { runs, caption }: { runs: readonly RunSummary[]; caption: string },
): JSX.Element {
  const words = useWords().runs;
  const { run, status, dag, scope, tasks, begun, took } = words;
  const heads = [run, status, dag, scope, tasks, begun, took];
  return (
    <ScrollTable caption={caption} heads={heads}>
      {runs.map((run) => (
        <tr role="row" key={run.run_id}>
          <th scope="row" role="rowheader">
            <a href={`/runs/${encodeURIComponent(run.run_id)}`} title={run.run_id}>
              <code>{shortRunId(run.run_id)}</code>
            </a>
          </th>
          <td role="cell" data-label={words.status}>
            <StatusBadge state={run.status} />
            {run.error !== null && <p class="error-text clipped">{visibleText(run.error)}</p>}
          </td>
          <td role="cell" data-label={words.dag}>
            <a href={`/dags/${encodeURIComponent(run.dag_id)}`}>{run.dag_id}</a>{" "}
            <span class="quiet">v{run.version}</span>
          </td>
          <td role="cell" data-label={words.scope}>{scopeKey(run.scope)}</td>
          <td role="cell" data-label={words.tasks} class="amount">
            {words.of(run.completed_tasks, run.total_tasks)}
          </td>
          <td role="cell" data-label={words.begun}>
            <TimeAgo time={run.created_at} />
          </td>
          <td role="cell" data-label={words.took}>
            <TimeSpan from={run.started_at} to={run.finished_at} />
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

/** The last part of a run's id, which is random: `…-4f2a9c01d7e3`. */
function shortRunId(runId: string): string {
  return `…${runId.slice(-12)}`;
}
