import type { JSX } from "preact";
import type { WorkerView } from "../schema/api.ts";
import { scopeKey } from "../schema/scope_key.ts";
import { ScrollTable } from "./scroll_table.tsx";
import { sizeText } from "./size_text.ts";
import { StatusBadge } from "./status_badge.tsx";
import { Cell, Row, RowHead } from "./table_parts.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";
import { WorkerActions } from "./worker_actions.tsx";

/** Workers, one per row. */
export function WorkerTable(
  { workers, mayAct }: { workers: readonly WorkerView[]; mayAct: boolean },
): JSX.Element {
  const { worker: words, runs } = useWords();
  const heads = [
    words.worker,
    runs.status,
    words.scope,
    words.process,
    words.started,
    words.heartbeat,
    words.tasks,
    words.memory,
    words.restarts,
    ...(mayAct ? [words.actions] : []),
  ];
  return (
    <ScrollTable caption={words.listTitle} heads={heads}>
      {workers.map((worker) => (
        <Row key={worker.worker_id}>
          <RowHead>
            <a href={`/workers/${encodeURIComponent(worker.worker_id)}`}>{worker.worker_id}</a>
          </RowHead>
          <Cell label={runs.status}>
            <StatusBadge state={worker.status} />
            {worker.error !== null && <p class="error-text">{visibleText(worker.error)}</p>}
          </Cell>
          <Cell label={words.scope}>{scopeKey(worker.scope)}</Cell>
          <Cell label={words.process}>{worker.pid ?? "–"}</Cell>
          <Cell label={words.started}>
            <TimeAgo time={worker.started_at} />
          </Cell>
          <Cell label={words.heartbeat}>
            <TimeAgo time={worker.last_heartbeat} />
          </Cell>
          <Cell label={words.tasks}>{worker.active_tasks}</Cell>
          <Cell label={words.memory} class="amount">
            {worker.rss === null ? "–" : sizeText(worker.rss)}
          </Cell>
          <Cell label={words.restarts}>{worker.restarts}</Cell>
          {mayAct && (
            <Cell label={words.actions}>
              <WorkerActions worker={worker} />
            </Cell>
          )}
        </Row>
      ))}
    </ScrollTable>
  );
}
