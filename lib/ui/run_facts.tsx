import type { JSX } from "preact";
import type { RunView } from "../schema/api.ts";
import { scopeKey } from "../schema/scope_key.ts";
import { Fact, Facts } from "./facts.tsx";
import { HashText } from "./hash_text.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { TimeSpan } from "./time_span.tsx";
import { visibleText } from "./visible_text.ts";

/** Everything about a run beside its tasks. */
export function RunFacts({ run }: { run: RunView }): JSX.Element {
  return (
    <Facts>
      <Fact name="DAG">
        <a href={`/dags/${encodeURIComponent(run.dag_id)}`}>{run.dag_id}</a> version {run.version},
        {" "}
        <HashText hash={run.spec_hash} />
      </Fact>
      <Fact name="Tasks">{`${run.completed_tasks} of ${run.total_tasks} completed`}</Fact>
      <Origin run={run} />
      <Times run={run} />
      <Fact name="Scope">
        <code>{scopeKey(run.scope)}</code>
      </Fact>
      <Fact name="Worker">
        <a href={`/workers/${encodeURIComponent(run.worker_id)}`}>{run.worker_id}</a>
      </Fact>
      <Fact name="Node">
        <code>{run.node_id}</code>
      </Fact>
      <Fact name="Priority">{run.priority}</Fact>
    </Facts>
  );
}

function Origin({ run }: { run: RunView }): JSX.Element {
  return (
    <>
      <Fact name="Begun by">{run.triggered_by}</Fact>
      <Fact name="Confirmed by">{run.confirmed_by && visibleText(run.confirmed_by)}</Fact>
      {run.retry_of !== null && (
        <Fact name="Retry of">
          <a href={`/runs/${encodeURIComponent(run.retry_of)}`}>{run.retry_of}</a>
        </Fact>
      )}
    </>
  );
}

function Times({ run }: { run: RunView }): JSX.Element {
  return (
    <>
      <Fact name="Created">
        <TimeAgo time={run.created_at} />
      </Fact>
      <Fact name="Started">
        <TimeAgo time={run.started_at} />
      </Fact>
      <Fact name="Finished">
        <TimeAgo time={run.finished_at} />
      </Fact>
      <Fact name="Took">
        <TimeSpan from={run.started_at} to={run.finished_at} />
      </Fact>
    </>
  );
}
