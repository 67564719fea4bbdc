import type { JSX } from "preact";
import { isFinalRun } from "../schema/state_tables.ts";
import { ActionButton } from "./action_button.tsx";
import { runPath } from "./run_paths.ts";
import type { RunHead } from "./run_page_view.ts";
import { useWords } from "./words/words.ts";

/** What can be done with a run in its state, for those who may. */
export function RunActions({ run }: { run: RunHead }): JSX.Element {
  const { run: words } = useWords();
  const base = runPath(run.run_id);
  if (isFinalRun(run.status)) {
    return (
      <form method="post" action={`${base}/retry`} class="actions">
        {run.status !== "completed" && <button type="submit">{words.retry}</button>}
        <button type="submit" name="from_scratch" value="yes">{words.restart}</button>
      </form>
    );
  }
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
