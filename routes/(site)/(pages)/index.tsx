import { page } from "fresh";
import { dataOf } from "../../../lib/api/client.ts";
import { define } from "../../../lib/api/state.ts";
import type { RunSummary } from "../../../lib/schema/api.ts";
import { DayChart } from "../../../lib/ui/day_chart.tsx";
import { EmptyState } from "../../../lib/ui/empty_state.tsx";
import { PageTitle } from "../../../lib/ui/page_title.tsx";
import { RunTable } from "../../../lib/ui/run_table.tsx";
import { WorkerGlance } from "../../../lib/ui/worker_glance.tsx";
import { useWords } from "../../../lib/ui/words/words.ts";
import { WaitingList } from "./(_components)/waiting_list.tsx";

/** How many runs of a kind are shown at a glance. */
const FEW = 5;
/** How much of what waits is shown; nobody settles more in one go. */
const MANY = 20;

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api } = ctx.state;
    const [pending, decisions, debts, running, failed, workers, activity] = await Promise.all([
      api.pending(),
      api.decisions({ status: "open", limit: MANY }),
      api.debts({ status: "open", limit: MANY }),
      api.listRuns({ status: "running", limit: FEW }),
      api.listRuns({ status: "failed", limit: FEW }),
      api.workers(),
      api.activity(),
    ]);
    return page({
      pending: dataOf(pending).pending,
      decisions: dataOf(decisions).decisions,
      debts: dataOf(debts).debts,
      running: dataOf(running).runs,
      failed: dataOf(failed).runs,
      workers: dataOf(workers).workers,
      activity: dataOf(activity),
    });
  },
});

export default define.page<typeof handler>(({ data }) => {
  const { overview } = useWords();
  const { pending, decisions, debts } = data;
  return (
    <>
      <PageTitle title={overview.title} />
      <div class="columns">
        <div class="column">
          <section aria-labelledby="waiting">
            <h2 id="waiting">{overview.waiting}</h2>
            <WaitingList pending={pending} decisions={decisions} debts={debts} />
          </section>
          <Running runs={data.running} />
          <Failed runs={data.failed} />
        </div>
        <div class="column">
          <section aria-labelledby="day">
            <h2 id="day">{overview.day}</h2>
            <DayChart activity={data.activity} />
          </section>
          <section aria-labelledby="workers">
            <h2 id="workers">{overview.workers}</h2>
            <WorkerGlance workers={data.workers} />
          </section>
        </div>
      </div>
    </>
  );
});

function Running({ runs }: { runs: readonly RunSummary[] }): preact.JSX.Element {
  const { overview } = useWords();
  return (
    <section aria-labelledby="running">
      <h2 id="running">{overview.running}</h2>
      {runs.length === 0
        ? (
          <EmptyState title={overview.nothingRuns}>
            <p>{overview.nothingRunsHint}</p>
          </EmptyState>
        )
        : <RunTable caption={overview.runningCaption} runs={runs} />}
    </section>
  );
}

function Failed({ runs }: { runs: readonly RunSummary[] }): preact.JSX.Element {
  const { overview } = useWords();
  return (
    <section aria-labelledby="failed">
      <h2 id="failed">{overview.failed}</h2>
      {runs.length === 0
        ? (
          <EmptyState title={overview.noneFailed}>
            <p>
              <a href="/runs">{overview.allRuns}</a>
            </p>
          </EmptyState>
        )
        : <RunTable caption={overview.failedCaption} runs={runs} />}
    </section>
  );
}
