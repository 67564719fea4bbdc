import type { JSX } from "preact";
import type { RunView } from "../schema/api.ts";
import { isFinalRun } from "../schema/state_tables.ts";
import { ActionButton } from "./action_button.tsx";

/** What can be done with a run in its state, for those who may. */
export function RunActions({ run }: { run: RunView }): JSX.Element | null {
  const base = `/runs/${encodeURIComponent(run.run_id)}`;
  if (!isFinalRun(run.status)) {
    return (
      <div class="actions">
        <ActionButton action={`${base}/cancel`} label="Cancel" about={run.run_id} bad />
      </div>
    );
  }
  return (
    <form method="post" action={`${base}/retry`} class="actions">
      {run.status !== "completed" && <button type="submit">Retry, keeping what completed</button>}
      <button type="submit" name="from_scratch" value="yes">Run all of it again</button>
    </form>
  );
}
