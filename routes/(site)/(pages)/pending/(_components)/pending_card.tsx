import type { JSX } from "preact";
import { Countdown } from "../../../../../islands/countdown.tsx";
import type { DagView, PendingView } from "../../../../../lib/schema/api.ts";
import { CodeBlock } from "../../../../../lib/ui/code_block.tsx";
import { DagFacts } from "../../../../../lib/ui/dag_facts.tsx";
import { DecisionForms } from "../../../../../lib/ui/decision_forms.tsx";
import type { GraphPicture } from "../../../../../lib/ui/graph_layout.ts";
import { GraphSection } from "../../(_components)/graph_section.tsx";
import { jsonTokens } from "../../../../../lib/ui/highlight/json_tokens.ts";
import { PermissionChanges } from "../../../../../lib/ui/permission_changes.tsx";
import { PermissionList } from "../../../../../lib/ui/permission_list.tsx";
import { RiskSummary } from "../../../../../lib/ui/risk_summary.tsx";
import { SpecChanges } from "../../../../../lib/ui/spec_changes.tsx";
import { TaskCard } from "../../../../../lib/ui/task_card.tsx";
import { visibleJson, visibleText } from "../../../../../lib/ui/visible_text.ts";
import { WarningList } from "../../../../../lib/ui/warning_list.tsx";
import { useWords } from "../../../../../lib/ui/words/words.ts";

/** A version that waits, with what it is held against. */
export interface PendingItem {
  readonly dag: PendingView;
  /** The last version that was confirmed. */
  readonly before: DagView | undefined;
  readonly picture: GraphPicture | undefined;
}

/** A version that waits, in full, with the forms to decide about it. */
export function PendingCard({ item, mayDecide, reason }: {
  item: PendingItem;
  mayDecide: boolean;
  reason?: string;
}): JSX.Element {
  const { pending: words } = useWords();
  const { dag, picture } = item;
  const { spec } = dag;
  return (
    <article class="card" id={dag.dag_id} aria-labelledby={`title-${dag.dag_id}`}>
      <header class="card-head">
        <h2 id={`title-${dag.dag_id}`}>
          <code>{dag.dag_id}</code> <span class="quiet">{words.version(dag.version)}</span>
        </h2>
        <Expiry dag={dag} />
      </header>
      {spec.description !== undefined && spec.description !== "" && (
        <p class="lines">{visibleText(spec.description)}</p>
      )}
      <WarningList warnings={dag.warnings} tasks={dag.spec.tasks} />
      <RiskSummary spec={spec} />
      {mayDecide && (
        <p>
          <a href={`#decide-${encodeURIComponent(dag.dag_id)}`}>{words.decide}</a>
        </p>
      )}
      <GraphSection spec={spec} picture={picture} />
      <Changes item={item} />
      <DagFacts dag={dag} />
      <h3>{words.touches}</h3>
      <Touches item={item} />
      <h3>{words.itsTasks(spec.tasks.length)}</h3>
      <ol class="tasks">
        {spec.tasks.map((task) => <TaskCard key={task.id} task={task} dagId={dag.dag_id} />)}
      </ol>
      <details>
        <summary>{words.document}</summary>
        <p>
          spec_hash <code class="lines">{dag.spec_hash}</code>
        </p>
        <CodeBlock
          label={words.documentOf(dag.dag_id)}
          text={visibleJson(spec)}
          tokensOf={jsonTokens}
        />
      </details>
      {mayDecide
        ? <DecisionForms dag={dag} reason={reason} />
        : <p class="quiet">{words.mayOnlyLook}</p>}
    </article>
  );
}

/** What is different from what was confirmed before. */
function Changes({ item: { dag, before } }: { item: PendingItem }): JSX.Element {
  const { changes } = useWords();
  if (before === undefined) return <p class="quiet">{changes.first}</p>;
  return (
    <>
      <h3>{changes.title(before.version)}</h3>
      <SpecChanges from={before.spec} to={dag.spec} />
    </>
  );
}

/** What its tasks may touch, the new first. */
function Touches({ item: { dag, before } }: { item: PendingItem }): JSX.Element {
  return (
    <>
      {before !== undefined && (
        <PermissionChanges
          before={before.permissions}
          now={dag.permissions}
          version={before.version}
        />
      )}
      <PermissionList permissions={dag.permissions} />
    </>
  );
}

function Expiry({ dag }: { dag: PendingView }): JSX.Element {
  const { pending: words } = useWords();
  return (
    <p class="countdown">
      <Countdown leftMs={dag.expires_in_sec * 1000} />
      {dag.expires_at !== null && (
        <>
          {" "}
          <time class="quiet" dateTime={dag.expires_at} title={dag.expires_at}>
            {words.at(dag.expires_at.slice(11, 19))}
          </time>
        </>
      )}
    </p>
  );
}
