import type { JSX } from "preact";
import { ActionButton } from "./action_button.tsx";
import { EmptyState } from "./empty_state.tsx";
import { RerunButton } from "./rerun_button.tsx";
import { runPath, taskPath } from "./run_paths.ts";
import type { RunPageView, TaskRow } from "./run_page_view.ts";
import { ScrollTable } from "./scroll_table.tsx";
import { lookOf } from "./state_look.ts";
import { StatusBadge } from "./status_badge.tsx";
import { TaskFilter } from "./task_filter.tsx";
import { TaskPages } from "./task_pages.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { TimeSpan } from "./time_span.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** The tasks of a run, a page of them at a time, to be filtered by state and name. */
export function TaskTable(
  { view, mayAct }: { view: RunPageView; mayAct: boolean },
): JSX.Element {
  const { run: words } = useWords();
  const hasEnded = view.run.finished_at !== null;
  const heads = [words.task, words.status, words.attempts, words.started, words.took];
  return (
    <>
      <TaskFilter view={view} />
      {view.rows.length === 0
        ? (
          <EmptyState title={words.noTask}>
            <p>
              <a href={`${runPath(view.run.run_id)}#tasks`}>{words.showAll}</a>
            </p>
          </EmptyState>
        )
        : (
          <ScrollTable
            caption={words.tasksCaption}
            heads={mayAct ? [...heads, words.actions] : heads}
          >
            {view.rows.map((task) => (
              <TaskLine key={task.task_id} run={view.run.run_id} {...{ task, mayAct, hasEnded }} />
            ))}
          </ScrollTable>
        )}
      <TaskPages view={view} />
    </>
  );
}

interface LineProps {
  readonly run: string;
  readonly task: TaskRow;
  readonly mayAct: boolean;
  readonly hasEnded: boolean;
}

function TaskLine({ run, task, mayAct, hasEnded }: LineProps): JSX.Element {
  const { run: words } = useWords();
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        <a href={taskPath(run, task.task_id)}>
          <code>{task.task_id}</code>
        </a>{" "}
        <span class="tag">{task.type}</span>{" "}
        {task.isCritical && (
          <span class="critical" title={words.criticalHint}>{words.criticalShort}</span>
        )}
        {task.name !== null && <p class="remark">{visibleText(task.name)}</p>}
      </th>
      <td role="cell" data-label={words.status}>
        <StatusBadge state={task.status} />
        {task.rollback !== null && (
          <p class="remark">
            {words.rollback} <StatusBadge state={task.rollback} />
          </p>
        )}
        <Why task={task} />
      </td>
      <td role="cell" data-label={words.attempts} class="amount">
        {task.attempts === 0 ? "–" : task.attempts}
      </td>
      <td role="cell" data-label={words.started}>
        <TimeAgo time={task.started_at} />
      </td>
      <td role="cell" data-label={words.took}>
        <TimeSpan from={task.started_at} to={task.finished_at} />
      </td>
      {mayAct && (
        <td role="cell" data-label={words.actions}>
          <RowAction {...{ run, task, hasEnded }} />
        </td>
      )}
    </tr>
  );
}

/** What it waits for, or what went wrong. */
function Why({ task }: { task: TaskRow }): JSX.Element {
  const { run: words } = useWords();
  return (
    <>
      {task.retry_at !== null && (
        <p class="remark">
          {words.again} <TimeAgo time={task.retry_at} />
        </p>
      )}
      {task.waiting !== null && task.retry_at === null && (
        <p class="remark">{visibleText(task.waiting)}</p>
      )}
      {task.error !== null && (
        <p class={lookOf(task.status) === "bad" ? "error-text" : "remark"}>
          {visibleText(task.error)}
        </p>
      )}
    </>
  );
}

function RowAction({ run, task, hasEnded }: Omit<LineProps, "mayAct">): JSX.Element | null {
  const { run: words } = useWords();
  if (task.mayBeCancelled) {
    return (
      <ActionButton
        action={`${taskPath(run, task.task_id)}/cancel`}
        label={words.cancelTask}
        about={task.task_id}
        quiet
      />
    );
  }
  return hasEnded ? <RerunButton runId={run} taskId={task.task_id} quiet /> : null;
}
