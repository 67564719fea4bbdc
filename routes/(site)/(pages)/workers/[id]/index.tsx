import { page } from "fresh";
import { dataOf } from "../../../../../lib/api/client.ts";
import { define } from "../../../../../lib/api/state.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import { EmptyState } from "../../../../../lib/ui/empty_state.tsx";
import { LogText } from "../../../../../lib/ui/log_text.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { WorkerTable } from "../../../../../lib/ui/worker_table.tsx";

/** How many of the last lines that the process wrote are shown. */
const TAIL = 500;

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api, node, principal } = ctx.state;
    const worker = dataOf(await api.worker(ctx.params.id ?? ""));
    return page({
      worker,
      // The API gives logs from their beginning on; who got the worker from it may see the end.
      lines: node.logs.tail({ workerId: worker.worker_id }, TAIL),
      mayAct: hasRole(principal?.roles ?? [], "admin"),
    });
  },
});

export default define.page<typeof handler>(({ data: { worker, lines, mayAct } }) => (
  <>
    <PageTitle title={worker.worker_id} />
    <WorkerTable workers={[worker]} mayAct={mayAct} />
    <section aria-labelledby="output">
      <h2 id="output">What the process itself wrote</h2>
      {lines.length === 0
        ? (
          <EmptyState title="Nothing.">
            <p>A worker that is well is silent. What tasks write is on the pages of their runs.</p>
          </EmptyState>
        )
        : <LogText lines={lines} label={`Output of ${worker.worker_id}`} />}
    </section>
  </>
));
