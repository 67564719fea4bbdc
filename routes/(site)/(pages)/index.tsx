import { page } from "fresh";
import { Countdown } from "../../../islands/countdown.tsx";
import { dataOf } from "../../../lib/api/client.ts";
import { define } from "../../../lib/api/state.ts";
import { EmptyState } from "../../../lib/ui/empty_state.tsx";
import { PageTitle } from "../../../lib/ui/page_title.tsx";
import { RunTable } from "../../../lib/ui/run_table.tsx";
import { StatusBadge } from "../../../lib/ui/status_badge.tsx";
import type { PendingView, RunSummary, WorkerView } from "../../../lib/schema/api.ts";

/** How many runs of a kind are shown at a glance. */
const FEW = 5;

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api } = ctx.state;
    const [pending, running, failed, workers] = await Promise.all([
      api.pending(),
      api.listRuns({ status: "running", limit: FEW }),
      api.listRuns({ status: "failed", limit: FEW }),
      api.workers(),
    ]);
    return page({
      pending: dataOf(pending).pending,
      running: dataOf(running).runs,
      failed: dataOf(failed).runs,
      workers: dataOf(workers).workers,
    });
  },
});

export default define.page<typeof handler>(({ data }) => (
  <>
    <PageTitle title="Overview" />
    <Waiting pending={data.pending} />
    <section aria-labelledby="running">
      <h2 id="running">Running</h2>
      {data.running.length === 0
        ? (
          <EmptyState title="Nothing runs.">
            <p>A run begins when a DAG is confirmed.</p>
          </EmptyState>
        )
        : <RunTable caption="Runs that are running" runs={data.running} />}
    </section>
    <Failed runs={data.failed} />
    <Workers workers={data.workers} />
  </>
));

function Waiting({ pending }: { pending: readonly PendingView[] }): preact.JSX.Element {
  const count = pending.length;
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">Waiting for confirmation</h2>
      {count === 0
        ? (
          <EmptyState title="Nothing waits for you.">
            <p>
              Publish a DAG with <code>deno task dag publish</code> and it appears here.
            </p>
          </EmptyState>
        )
        : (
          <ul class="waiting">
            {pending.map((dag) => (
              <li key={dag.dag_id}>
                <a href={`/pending#${dag.dag_id}`}>
                  <strong>{dag.dag_id}</strong> version {dag.version}
                </a>{" "}
                <span class="quiet">
                  {dag.tasks_count === 1 ? "1 task" : `${dag.tasks_count} tasks`},{" "}
                  <Countdown leftMs={dag.expires_in_sec * 1000} />
                </span>
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}

function Failed({ runs }: { runs: readonly RunSummary[] }): preact.JSX.Element {
  return (
    <section aria-labelledby="failed">
      <h2 id="failed">Last failed</h2>
      {runs.length === 0
        ? (
          <EmptyState title="No run has failed.">
            <p>
              <a href="/runs">All runs</a>
            </p>
          </EmptyState>
        )
        : <RunTable caption="Runs that failed last" runs={runs} />}
    </section>
  );
}

function Workers({ workers }: { workers: readonly WorkerView[] }): preact.JSX.Element {
  return (
    <section aria-labelledby="workers">
      <h2 id="workers">Workers</h2>
      {workers.length === 0
        ? (
          <EmptyState title="No worker yet.">
            <p>The node starts one for each scope when a run needs it.</p>
          </EmptyState>
        )
        : (
          <ul class="worker-glance">
            {workers.map((worker) => (
              <li key={worker.worker_id}>
                <a href={`/workers/${encodeURIComponent(worker.worker_id)}`}>
                  {worker.worker_id}
                </a>{" "}
                <StatusBadge state={worker.status} />{" "}
                <span class="quiet">
                  {worker.active_tasks === 1 ? "1 task" : `${worker.active_tasks} tasks`}
                </span>
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}
