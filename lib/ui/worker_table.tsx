import type { JSX } from "preact";
import type { WorkerView } from "../schema/api.ts";
import { scopeKey } from "../schema/scope_key.ts";
import { ScrollTable } from "./scroll_table.tsx";
import { sizeText } from "./size_text.ts";
import { StatusBadge } from "./status_badge.tsx";
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
        <tr role="row" key={worker.worker_id}>
          <th scope="row" role="rowheader">
            <a href={`/workers/${encodeURIComponent(worker.worker_id)}`}>{worker.worker_id}</a>
          </th>
          <td role="cell" data-label={runs.status}>
            <StatusBadge state={worker.status} />
            {worker.error !== null && <p class="error-text">{visibleText(worker.error)}</p>}
          </td>
          <td role="cell" data-label={words.scope}>{scopeKey(worker.scope)}</td>
          <td role="cell" data-label={words.process}>{worker.pid ?? "–"}</td>
          <td role="cell" data-label={words.started}>
            <TimeAgo time={worker.started_at} />
          </td>
          <td role="cell" data-label={words.heartbeat}>
            <TimeAgo time={worker.last_heartbeat} />
          </td>
          <td role="cell" data-label={words.tasks}>{worker.active_tasks}</td>
          <td role="cell" data-label={words.memory} class="amount">
            {worker.rss === null ? "–" : sizeText(worker.rss)}
          </td>
          <td role="cell" data-label={words.restarts}>{worker.restarts}</td>
          {mayAct && (
            <td role="cell" data-label={words.actions}>
              <WorkerActions worker={worker} />
            </td>
          )}
        </tr>
      ))}
    </ScrollTable>
  );
}
