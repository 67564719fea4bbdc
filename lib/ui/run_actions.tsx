import type { JSX } from "preact";
import type { RunView } from "../schema/api.ts";
import { isFinalRun } from "../schema/state_tables.ts";
import { ActionButton } from "./action_button.tsx";
import { useWords } from "./words/words.ts";

/** What can be done with a run in its state, for those who may. */
export function RunActions({ run }: { run: RunView }): JSX.Element | null {
  const { run: words } = useWords();
  const base = `/runs/${encodeURIComponent(run.run_id)}`;
  if (!isFinalRun(run.status)) {
    return (
      <div class="actions">
        {run.status === "running" && (
          <ActionButton action={`${base}/pause`} label={words.pause} about={run.run_id} />
        )}
        {run.status === "paused" && (
          <ActionButton action={`${base}/resume`} label={words.resume} about={run.run_id} />
        )}
        <ActionButton action={`${base}/cancel`} label={words.cancel} about={run.run_id} bad />
      </div>
    );
  }
  return (
    <>
      <form method="post" action={`${base}/retry`} class="actions">
        {run.status !== "completed" && <button type="submit">{words.retry}</button>}
        <button type="submit" name="from_scratch" value="yes">{words.again}</button>
      </form>
      {run.tasks.length > 1 && <RerunTask run={run} action={`${base}/retry`} />}
    </>
  );
}

function RerunTask({ run, action }: { run: RunView; action: string }): JSX.Element {
  const { run: words } = useWords();
  return (
    <form method="post" action={action} class="actions">
      <label>
        {words.task}{" "}
        <select name="task_id">
          {run.tasks.map(({ task_id }) => <option key={task_id} value={task_id}>{task_id}</option>)}
        </select>
      </label>
      <button type="submit">{words.fromTask}</button>
    </form>
  );
}
