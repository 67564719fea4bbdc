import type { JSX } from "preact";
import type { AttemptView, RunView, TaskView } from "../schema/api.ts";
import { isFinalTask } from "../schema/state_tables.ts";
import { ActionButton } from "./action_button.tsx";
import { CodeBlock } from "./code_block.tsx";
import { ScrollTable } from "./scroll_table.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { TimeSpan } from "./time_span.tsx";
import { visibleJson, visibleText } from "./visible_text.ts";

/** Outputs up to this many characters are shown unfolded. */
const SMALL_OUTPUT = 400;

/** The tasks of a run with their attempts and outputs. */
export function TaskTable({ run, mayAct }: { run: RunView; mayAct: boolean }): JSX.Element {
  const goesOn = run.status === "running" || run.status === "paused";
  const heads = ["Task", "Status", "Depends on", "Took", "Attempts", "Outputs"];
  return (
    <ScrollTable caption="Tasks of this run" heads={heads}>
      {run.tasks.map((task) => (
        <tr key={task.task_id}>
          <th scope="row">
            <code>{task.task_id}</code> <span class="tag">{task.type}</span>
            {task.name !== null && <p class="quiet">{visibleText(task.name)}</p>}
          </th>
          <td>
            <StatusBadge state={task.status} />
            {task.retry_at !== null && (
              <p class="quiet">
                again <TimeAgo time={task.retry_at} />
              </p>
            )}
            {task.waiting && <p class="quiet">{visibleText(task.waiting.message)}</p>}
            {task.rollback !== null && (
              <p>
                rollback <StatusBadge state={task.rollback} />
              </p>
            )}
            {mayAct && goesOn && !isFinalTask(task.status) && (
              <ActionButton
                action={`/runs/${encodeURIComponent(run.run_id)}/tasks/${
                  encodeURIComponent(task.task_id)
                }/cancel`}
                label="Cancel task"
                about={task.task_id}
              />
            )}
            {task.error !== null && <p class="error-text">{visibleText(task.error)}</p>}
          </td>
          <td>{task.depends_on.length === 0 ? "–" : task.depends_on.join(", ")}</td>
          <td>
            <TimeSpan from={task.started_at} to={task.finished_at} />
          </td>
          <td>
            <AttemptList task={task} />
          </td>
          <td>
            <Outputs task={task} />
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

function AttemptList({ task }: { task: TaskView }): JSX.Element {
  if (task.attempts.length === 0) return <span class="quiet">none</span>;
  return (
    <ol class="attempts">
      {task.attempts.map((attempt) => (
        <li key={attempt.attempt} value={attempt.attempt}>
          {attempt.kind === "rollback" && "rollback "}
          <StatusBadge state={attempt.status} /> <AttemptCourse attempt={attempt} />
          {attempt.error !== null && attempt.error !== task.error && (
            <p class="error-text">{visibleText(attempt.error)}</p>
          )}
        </li>
      ))}
    </ol>
  );
}

function AttemptCourse({ attempt }: { attempt: AttemptView }): JSX.Element {
  return (
    <>
      {attempt.exit_code !== null && `exit ${attempt.exit_code}, `}
      {attempt.started_at !== null && (
        <TimeSpan from={attempt.started_at} to={attempt.finished_at} />
      )}
    </>
  );
}

function Outputs({ task }: { task: TaskView }): JSX.Element {
  if (task.outputs === null) return <span class="quiet">none</span>;
  const text = visibleJson(task.outputs);
  return (
    <details open={text.length <= SMALL_OUTPUT}>
      <summary>Outputs</summary>
      <CodeBlock label={`Outputs of ${task.task_id}`} text={text} />
    </details>
  );
}
