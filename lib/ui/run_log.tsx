import type { JSX } from "preact";
import type { LogTail } from "./log_tail.ts";
import { LogText } from "./log_text.tsx";
import { useWords } from "./words/words.ts";

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
  const { run: words } = useWords();
  const { lines } = tail;
  const byTask = Map.groupBy(lines, (line) => line.task_id);
  return (
    <section aria-labelledby="logs">
      <h2 id="logs">{words.output}</h2>
      {lines.length === 0
        ? <p class="quiet">{hasEnded ? words.noOutput : words.noOutputYet}</p>
        : <LogNote runId={runId} tail={tail} />}
      {taskIds.filter((taskId) => byTask.has(taskId)).map((taskId) => (
        <section key={taskId}>
          <h3>
            <code>{taskId}</code>
          </h3>
          <LogText lines={byTask.get(taskId) ?? []} label={words.outputOf(taskId)} />
        </section>
      ))}
    </section>
  );
}

function LogNote({ runId, tail }: { runId: string; tail: LogTail }): JSX.Element {
  const { run: words } = useWords();
  return (
    <p class="quiet">
      {tail.isCut ? `${words.lastLines(tail.lines.length)} ` : ""}
      {words.stderr} {words.everything}{" "}
      <a href={`/runs/${encodeURIComponent(runId)}/log`}>{words.plain}</a>,{" "}
      <a href={`/api/v1/runs/${encodeURIComponent(runId)}/logs?download=1`}>{words.download}</a>,
      {" "}
      <code>deno task run logs {runId}</code>.
    </p>
  );
}
