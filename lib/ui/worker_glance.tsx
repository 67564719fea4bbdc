import type { JSX } from "preact";
import type { WorkerView } from "../schema/api.ts";
import { EmptyState } from "./empty_state.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Workers that are named one by one; others are counted. */
const MOST = 8;

/** How the workers are, the troubled ones first. */
export function WorkerGlance({ workers }: { workers: readonly WorkerView[] }): JSX.Element {
  const { overview } = useWords();
  if (workers.length === 0) {
    return (
      <EmptyState title={overview.noWorkers}>
        <p>{overview.noWorkersHint}</p>
      </EmptyState>
    );
  }
  const sorted = workers.toSorted((a, b) => rank(a) - rank(b));
  return (
    <>
      <ul class="worker-glance">
        {sorted.slice(0, MOST).map((worker) => (
          <li key={worker.worker_id}>
            <a href={`/workers/${encodeURIComponent(worker.worker_id)}`}>{worker.worker_id}</a>{" "}
            <StatusBadge state={worker.status} />{" "}
            <span class="quiet">{overview.tasks(worker.active_tasks)}</span>
            {worker.error !== null && <p class="error-text clipped">{visibleText(worker.error)}</p>}
          </li>
        ))}
      </ul>
      {sorted.length > MOST && (
        <p>
          <a href="/workers">{overview.more(sorted.length - MOST)}</a>
        </p>
      )}
    </>
  );
}

/** Lower comes first: what needs a look, then what works, then what rests. */
function rank({ status, active_tasks }: WorkerView): number {
  if (status === "crashed" || status === "failed") return 0;
  if (status === "stopped") return 3;
  return active_tasks > 0 ? 1 : 2;
}
