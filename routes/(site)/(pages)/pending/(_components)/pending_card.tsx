import type { JSX } from "preact";
import { Countdown } from "../../../../../islands/countdown.tsx";
import type { PendingView } from "../../../../../lib/schema/api.ts";
import { CodeBlock } from "../../../../../lib/ui/code_block.tsx";
import { DagFacts } from "../../../../../lib/ui/dag_facts.tsx";
import { DecisionForms } from "../../../../../lib/ui/decision_forms.tsx";
import { PermissionList } from "../../../../../lib/ui/permission_list.tsx";
import { TaskCard } from "../../../../../lib/ui/task_card.tsx";
import { visibleJson, visibleText } from "../../../../../lib/ui/visible_text.ts";
import { WarningList } from "../../../../../lib/ui/warning_list.tsx";

/** A version that waits, in full, with the forms to decide about it. */
export function PendingCard(
  { dag, mayDecide, reason }: { dag: PendingView; mayDecide: boolean; reason?: string },
): JSX.Element {
  const { spec } = dag;
  return (
    <article class="card" id={dag.dag_id} aria-labelledby={`title-${dag.dag_id}`}>
      <header class="card-head">
        <h2 id={`title-${dag.dag_id}`}>
          <code>{dag.dag_id}</code> <span class="quiet">version {dag.version}</span>
        </h2>
        <Expiry dag={dag} />
      </header>
      {spec.description !== undefined && spec.description !== "" && (
        <p class="lines">{visibleText(spec.description)}</p>
      )}
      <WarningList warnings={dag.warnings} />
      <DagFacts dag={dag} />
      <h3>What it may touch</h3>
      <PermissionList permissions={dag.permissions} />
      <h3>{spec.tasks.length === 1 ? "Its one task" : `Its ${spec.tasks.length} tasks`}</h3>
      <ol class="tasks">{spec.tasks.map((task) => <TaskCard key={task.id} task={task} />)}</ol>
      <details>
        <summary>Full hash and document</summary>
        <p>
          spec_hash <code class="lines">{dag.spec_hash}</code>
        </p>
        <CodeBlock label={`Document of ${dag.dag_id}`} text={visibleJson(spec)} />
      </details>
      {mayDecide
        ? <DecisionForms dag={dag} reason={reason} />
        : <p class="quiet">Your token may look, not decide: that takes the role “approver”.</p>}
    </article>
  );
}

function Expiry({ dag }: { dag: PendingView }): JSX.Element {
  return (
    <p class="countdown">
      <Countdown leftMs={dag.expires_in_sec * 1000} />
      {dag.expires_at !== null && (
        <>
          {" "}
          <time class="quiet" dateTime={dag.expires_at} title={dag.expires_at}>
            (at {dag.expires_at.slice(11, 19)} UTC)
          </time>
        </>
      )}
    </p>
  );
}
