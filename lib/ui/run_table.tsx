import type { JSX } from "preact";
import type { RunSummary } from "../schema/api.ts";
import { scopeKey } from "../schema/scope_key.ts";
import { ScrollTable } from "./scroll_table.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { Cell, Row, RowHead } from "./table_parts.tsx";
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
        <Row key={run.run_id}>
          <RowHead>
            <a href={`/runs/${encodeURIComponent(run.run_id)}`} title={run.run_id}>
              <code>{shortRunId(run.run_id)}</code>
            </a>
          </RowHead>
          <Cell label={words.status}>
            <StatusBadge state={run.status} />
            {run.error !== null && <p class="error-text clipped">{visibleText(run.error)}</p>}
          </Cell>
          <Cell label={words.dag}>
            <a href={`/dags/${encodeURIComponent(run.dag_id)}`}>{run.dag_id}</a>{" "}
            <span class="quiet">v{run.version}</span>
          </Cell>
          <Cell label={words.scope}>{scopeKey(run.scope)}</Cell>
          <Cell label={words.tasks} class="amount">
            {words.of(run.completed_tasks, run.total_tasks)}
          </Cell>
          <Cell label={words.begun}>
            <TimeAgo time={run.created_at} />
          </Cell>
          <Cell label={words.took}>
            <TimeSpan from={run.started_at} to={run.finished_at} />
          </Cell>
        </Row>
      ))}
    </ScrollTable>
  );
}

/** The last part of a run's id, which is random: `…-4f2a9c01d7e3`. */
function shortRunId(runId: string): string {
  return `…${runId.slice(-12)}`;
}
