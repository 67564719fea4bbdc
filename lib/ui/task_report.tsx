import type { ComponentChildren, JSX } from "preact";
import { isFinalRun, isFinalTask } from "../schema/state_tables.ts";
import { ActionButton } from "./action_button.tsx";
import { AttemptTable } from "./attempt_table.tsx";
import { DecisionCard } from "./decision_card.tsx";
import { Fact, Facts } from "./facts.tsx";
import { NeighbourList } from "./neighbour_list.tsx";
import { Notice } from "./notice.tsx";
import { PageTitle } from "./page_title.tsx";
import { RerunButton } from "./rerun_button.tsx";
import { runPath, taskPath } from "./run_paths.ts";
import { lookOf } from "./state_look.ts";
import { StatusBadge } from "./status_badge.tsx";
import type { TaskPageView } from "./task_page_view.ts";
import { TimeAgo } from "./time_ago.tsx";
import { TimeSpan } from "./time_span.tsx";
import { visibleText } from "./visible_text.ts";
import { waitingText } from "./waiting_text.ts";
import { useWords } from "./words/words.ts";

/** A task of a run: everything on its page above the output. */
export function TaskReport({ view, mayAct, attempt, children }: {
  view: TaskPageView;
  /** What it does. */
  children?: ComponentChildren;
  mayAct: boolean;
  /** The attempt whose output alone is shown. */
  attempt: number | undefined;
}): JSX.Element {
  const { taskPage: words, run: runWords } = useWords();
  const { run, task, before, after } = view;
  const path = taskPath(run.run_id, task.task_id);
  return (
    <>
      <header class="run-head">
        <p class="meta">
          <a href={runPath(run.run_id)}>{words.ofRun(run.dag_id)}</a>
          <StatusBadge state={run.status} />
        </p>
        <PageTitle title={words.title(task.task_id)}>
          <StatusBadge state={task.status} />
        </PageTitle>
        {task.name !== null && <p>{visibleText(task.name)}</p>}
        <p class="meta">
          <span class="tag">{task.type}</span>
          <span>
            {runWords.started} <TimeAgo time={task.started_at} />
          </span>
          <span>
            {runWords.took} <TimeSpan from={task.started_at} to={task.finished_at} />
          </span>
          {task.rollback !== null && (
            <span>
              {runWords.rollback} <StatusBadge state={task.rollback} />
            </span>
          )}
        </p>
        {task.waiting !== null && (
          <p>
            {words.waitsFor}: {waitingText(task.waiting)}
          </p>
        )}
      </header>
      <Failure view={view} />
      {mayAct && <Actions view={view} path={path} />}
      {children}
      <OpenDecisions view={view} mayAct={mayAct} />
      <Facts>
        <Fact name={words.dependsOn}>
          <NeighbourList runId={run.run_id} tasks={before} />
        </Fact>
        <Fact name={words.dependants}>
          <NeighbourList runId={run.run_id} tasks={after} />
        </Fact>
      </Facts>
      <section aria-labelledby="attempts">
        <h2 id="attempts">{words.attempts}</h2>
        <AttemptTable attempts={task.attempts} path={path} chosen={attempt} />
      </section>
    </>
  );
}

/** What is asked about it, before everything that comes after an answer. */
function OpenDecisions(
  { view: { decisions }, mayAct }: { view: TaskPageView; mayAct: boolean },
): JSX.Element | null {
  const { run: words } = useWords();
  const open = decisions.filter(({ status }) => status === "open");
  if (open.length === 0) return null;
  return (
    <section aria-labelledby="open-decisions">
      <h2 id="open-decisions">{words.openDecisions}</h2>
      {open.map((decision) => (
        <DecisionCard key={decision.decision_id} decision={decision} mayAct={mayAct} />
      ))}
    </section>
  );
}

function Failure({ view: { task } }: { view: TaskPageView }): JSX.Element | null {
  const { taskPage: words } = useWords();
  if (task.error === null) return null;
  if (lookOf(task.status) !== "bad") return <p class="remark lines">{visibleText(task.error)}</p>;
  return (
    <Notice kind="bad" title={words.why}>
      <p class="lines">{visibleText(task.error)}</p>
    </Notice>
  );
}

function Actions({ view: { run, task }, path }: { view: TaskPageView; path: string }): JSX.Element {
  const { run: words } = useWords();
  const goesOn = run.status === "running" || run.status === "paused";
  return (
    <div class="actions">
      {goesOn && !isFinalTask(task.status) && (
        <ActionButton
          action={`${path}/cancel`}
          label={words.cancelTask}
          about={task.task_id}
          bad
        />
      )}
      {isFinalRun(run.status) && (
        <>
          <RerunButton runId={run.run_id} taskId={task.task_id} />
          <span class="quiet small">{words.rerunHint}</span>
        </>
      )}
    </div>
  );
}
