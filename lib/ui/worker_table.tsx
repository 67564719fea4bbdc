import type { JSX } from "preact";
import type { WorkerView } from "../schema/api.ts";
import { scopeKey } from "../schema/scope_key.ts";
import { ScrollTable } from "./scroll_table.tsx";
import { sizeText } from "./size_text.ts";
import { StatusBadge } from "./status_badge.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { WorkerActions } from "./worker_actions.tsx";

/** Workers, one per row. */
export function WorkerTable(
  { workers, mayAct }: { workers: readonly WorkerView[]; mayAct: boolean },
): JSX.Element {
  const heads = [
    "Worker",
    "Status",
    "Scope",
    "Process",
    "Since",
    "Heartbeat",
    "Tasks",
    "Memory",
    "Restarts",
    "Permissions",
    ...(mayAct ? ["Actions"] : []),
  ];
  return (
    <ScrollTable caption="Workers" heads={heads}>
      {workers.map((worker) => (
        <tr key={worker.worker_id}>
          <th scope="row">
            <a href={`/workers/${encodeURIComponent(worker.worker_id)}`}>{worker.worker_id}</a>
          </th>
          <td>
            <StatusBadge state={worker.status} />
            {worker.error !== null && <p class="error-text">{visibleText(worker.error)}</p>}
          </td>
          <td>{scopeKey(worker.scope)}</td>
          <td>{worker.pid ?? "–"}</td>
          <td>
            <TimeAgo time={worker.started_at} />
          </td>
          <td>
            <TimeAgo time={worker.last_heartbeat} />
          </td>
          <td>{worker.active_tasks}</td>
          <td class="amount">{worker.rss === null ? "–" : sizeText(worker.rss)}</td>
          <td>{worker.restarts}</td>
          <td>
            <PermissionFlags flags={worker.permission_flags} />
          </td>
          {mayAct && (
            <td>
              <WorkerActions worker={worker} />
            </td>
          )}
        </tr>
      ))}
    </ScrollTable>
  );
}

/** What the process was allowed when it was started. */
function PermissionFlags({ flags }: { flags: readonly string[] }): JSX.Element {
  return (
    <details>
      <summary>{flags.length} flags</summary>
      <ul class="plain">
        {flags.map((flag) => (
          <li key={flag}>
            <code>{visibleText(flag)}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
