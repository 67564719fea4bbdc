import type { JSX } from "preact";
import type { LogTail } from "./log_tail.ts";
import { LogText } from "./log_text.tsx";

/** What is shown of a run's output. */
export interface RunLogProps {
  readonly runId: string;
  /** In the order in which their output is shown. */
  readonly taskIds: readonly string[];
  readonly tail: LogTail;
  /** Whether the run has ended, so that nothing will follow. */
  readonly hasEnded: boolean;
}

/** The last lines that a run's tasks wrote, task by task. */
export function RunLog({ runId, taskIds, tail, hasEnded }: RunLogProps): JSX.Element {
  const { lines } = tail;
  const byTask = Map.groupBy(lines, (line) => line.task_id);
  return (
    <section aria-labelledby="logs">
      <h2 id="logs">Output</h2>
      {lines.length === 0
        ? <p class="quiet">{`The tasks have written nothing${hasEnded ? "" : " yet"}.`}</p>
        : <LogNote runId={runId} tail={tail} />}
      {taskIds.filter((taskId) => byTask.has(taskId)).map((taskId) => (
        <section key={taskId}>
          <h3>
            <code>{taskId}</code>
          </h3>
          <LogText lines={byTask.get(taskId) ?? []} label={`Output of ${taskId}`} />
        </section>
      ))}
    </section>
  );
}

function LogNote({ runId, tail }: { runId: string; tail: LogTail }): JSX.Element {
  return (
    <p class="quiet">
      {tail.isCut ? `The last ${tail.lines.length} lines. ` : ""}
      Lines with a bar went to stderr. Everything:{" "}
      <a href={`/runs/${encodeURIComponent(runId)}/log`}>plain text</a>,{" "}
      <a href={`/api/v1/runs/${encodeURIComponent(runId)}/logs?download=1`}>a download</a>, or{" "}
      <code>deno task run logs {runId}</code>.
    </p>
  );
}
