import type { JSX } from "preact";
import { scopeKey } from "../schema/scope_key.ts";
import { Fact, Facts } from "./facts.tsx";
import { HashText } from "./hash_text.tsx";
import type { RunHead } from "./run_page_view.ts";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** What there is to know about a run beside how it goes. */
export function RunFacts({ run }: { run: RunHead }): JSX.Element {
  const { run: words, facts } = useWords();
  const begun: Readonly<Record<string, string>> = words.triggers;
  return (
    <Facts>
      <Fact name={words.dag}>
        <a href={`/dags/${encodeURIComponent(run.dag_id)}`}>{run.dag_id}</a>{" "}
        <span class="amount">{words.version(run.version)}</span>, <HashText hash={run.spec_hash} />
      </Fact>
      <Fact name={words.begunBy}>{begun[run.triggered_by] ?? run.triggered_by}</Fact>
      <Fact name={words.confirmedBy}>{run.confirmed_by && visibleText(run.confirmed_by)}</Fact>
      <Fact name={words.scope}>
        <code>{scopeKey(run.scope)}</code>
      </Fact>
      <Fact name={words.worker}>
        <a href={`/workers/${encodeURIComponent(run.worker_id)}`}>{run.worker_id}</a>
      </Fact>
      <Fact name={words.node}>
        <code>{run.node_id}</code>
      </Fact>
      <Fact name={words.priority}>{facts.priorities[run.priority]}</Fact>
      <Fact name={words.created}>
        <TimeAgo time={run.created_at} />
      </Fact>
      <Fact name={words.finished}>
        <TimeAgo time={run.finished_at} />
      </Fact>
    </Facts>
  );
}
