import type { JSX } from "preact";
import type { LogLineView, RunView } from "../schema/api.ts";
import { LogText } from "./log_text.tsx";

/** The last lines that a run's tasks wrote, task by task. */
export function RunLogs(
  { run, lines, isCut }: { run: RunView; lines: readonly LogLineView[]; isCut: boolean },
): JSX.Element {
  const byTask = Map.groupBy(lines, (line) => line.task_id);
  return (
    <section aria-labelledby="logs">
      <h2 id="logs">Output</h2>
      {lines.length === 0
        ? <p class="quiet">The tasks have written nothing{run.finished_at === null && " yet"}.</p>
        : <LogNote run={run} count={lines.length} isCut={isCut} />}
      {run.tasks.filter((task) => byTask.has(task.task_id)).map((task) => (
        <section key={task.task_id}>
          <h3>
            <code>{task.task_id}</code>
          </h3>
          <LogText lines={byTask.get(task.task_id) ?? []} label={`Output of ${task.task_id}`} />
        </section>
      ))}
    </section>
  );
}

function LogNote(
  { run, count, isCut }: { run: RunView; count: number; isCut: boolean },
): JSX.Element {
  return (
    <p class="quiet">
      {isCut ? `The last ${count} lines. ` : ""}
      Lines with a bar went to stderr. Everything:{" "}
      <a href={`/runs/${encodeURIComponent(run.run_id)}/log`}>plain text</a>,{" "}
      <a href={`/api/v1/runs/${encodeURIComponent(run.run_id)}/logs?download=1`}>a download</a>, or
      {" "}
      <code>deno task run logs {run.run_id}</code>.
    </p>
  );
}
