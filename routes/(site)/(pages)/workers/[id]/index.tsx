import { page } from "fresh";
import { dataOf } from "../../../../../lib/api/client.ts";
import { define } from "../../../../../lib/api/state.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import { scopeKey } from "../../../../../lib/schema/scope_key.ts";
import { LimitsTable } from "../../../../../lib/ui/limits_table.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { PolicyFacts } from "../../../../../lib/ui/policy_facts.tsx";
import { StatusBadge } from "../../../../../lib/ui/status_badge.tsx";
import { useWords } from "../../../../../lib/ui/words/words.ts";
import { WorkerActions } from "../../../../../lib/ui/worker_actions.tsx";
import { WorkerChanges } from "../../../../../lib/ui/worker_changes.tsx";
import { WorkerFacts } from "../../../../../lib/ui/worker_facts.tsx";
import { PermissionFlags } from "../../../../../lib/ui/permission_flags.tsx";
import { WorkerOutput } from "../../../../../lib/ui/worker_output.tsx";
import { WorkerTroubles } from "../../../../../lib/ui/worker_troubles.tsx";
import { WorkerUsage } from "../../../../../lib/ui/worker_usage.tsx";

/** How many of the last lines that the process wrote are shown. */
const TAIL = 500;

export const handler = define.handlers({
  GET: async (ctx) => {
    const { api, node, principal } = ctx.state;
    const worker = dataOf(await api.worker(ctx.params.id ?? ""));
    const [policy, limits] = await Promise.all([api.policy(), api.limits()]);
    const key = scopeKey(worker.scope);
    return page({
      worker,
      rules: dataOf(policy).scopes.find(({ scope }) => scope === key),
      limits: dataOf(limits).limits,
      // The API gives logs from their beginning on; who got the worker from it may see the end.
      lines: node.logs.tail({ workerId: worker.worker_id }, TAIL),
      mayAct: hasRole(principal?.roles ?? [], "admin"),
    });
  },
});

export default define.page<typeof handler>(({ data }) => {
  const { worker, rules, limits, lines, mayAct } = data;
  const words = useWords();
  return (
    <>
      <PageTitle title={worker.worker_id}>
        <StatusBadge state={worker.status} />
      </PageTitle>
      <WorkerTroubles worker={worker} />
      {mayAct && <WorkerActions worker={worker} />}
      <WorkerFacts worker={worker} workspace={rules?.workspace} />
      <section aria-labelledby="usage">
        <h2 id="usage">{words.worker.usage}</h2>
        <WorkerUsage samples={worker.samples} />
      </section>
      <section aria-labelledby="history">
        <h2 id="history">{words.worker.history}</h2>
        <WorkerChanges history={worker.history} />
      </section>
      <section aria-labelledby="output">
        <h2 id="output">{words.worker.output}</h2>
        <WorkerOutput workerId={worker.worker_id} lines={lines} />
      </section>
      <section aria-labelledby="policy">
        <h2 id="policy">{words.worker.policy}</h2>
        <p class="quiet">{rules === undefined ? words.worker.noPolicy : words.worker.policyHint}</p>
        {rules !== undefined && <PolicyFacts rules={rules} />}
        <PermissionFlags flags={worker.permission_flags} />
      </section>
      <section aria-labelledby="limits">
        <h2 id="limits">{words.worker.limits}</h2>
        <LimitsTable limits={limits} />
      </section>
    </>
  );
});
