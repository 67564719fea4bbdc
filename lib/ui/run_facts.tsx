import type { JSX } from "preact";
import type { RunView } from "../schema/api.ts";
import { scopeKey } from "../schema/scope_key.ts";
import { Fact, Facts } from "./facts.tsx";
import { HashText } from "./hash_text.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { TimeSpan } from "./time_span.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Everything about a run beside its tasks. */
export function RunFacts({ run }: { run: RunView }): JSX.Element {
  const { run: words, facts } = useWords();
  return (
    <Facts>
      <Fact name={words.dag}>
        <a href={`/dags/${encodeURIComponent(run.dag_id)}`}>{run.dag_id}</a>{" "}
        {words.version(run.version)}, <HashText hash={run.spec_hash} />
      </Fact>
      <Fact name={words.tasks}>{words.completed(run.completed_tasks, run.total_tasks)}</Fact>
      <Origin run={run} />
      <Times run={run} />
      <Fact name={facts.scope}>
        <code>{scopeKey(run.scope)}</code>
      </Fact>
      <Fact name={facts.worker}>
        <a href={`/workers/${encodeURIComponent(run.worker_id)}`}>{run.worker_id}</a>
      </Fact>
      <Fact name={facts.node}>
        <code>{run.node_id}</code>
      </Fact>
      <Fact name={facts.priority}>{run.priority}</Fact>
    </Facts>
  );
}

function Origin({ run }: { run: RunView }): JSX.Element {
  const { run: words } = useWords();
  return (
    <>
      <Fact name={words.begunBy}>{run.triggered_by}</Fact>
      <Fact name={words.confirmedBy}>{run.confirmed_by && visibleText(run.confirmed_by)}</Fact>
      {run.retry_of !== null && (
        <Fact name={words.retryOf}>
          <a href={`/runs/${encodeURIComponent(run.retry_of)}`}>{run.retry_of}</a>
        </Fact>
      )}
    </>
  );
}

function Times({ run }: { run: RunView }): JSX.Element {
  const { run: words } = useWords();
  return (
    <>
      <Fact name={words.created}>
        <TimeAgo time={run.created_at} />
      </Fact>
      <Fact name={words.started}>
        <TimeAgo time={run.started_at} />
      </Fact>
      <Fact name={words.finished}>
        <TimeAgo time={run.finished_at} />
      </Fact>
      <Fact name={words.took}>
        <TimeSpan from={run.started_at} to={run.finished_at} />
      </Fact>
    </>
  );
}
