import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { createClient, ProblemError } from "../lib/api/client.ts";
import type { RunView } from "../lib/schema/api.ts";
import { isFinalRun } from "../lib/schema/state_tables.ts";
import { followRun } from "../lib/ui/follow_run.ts";
import { Notice } from "../lib/ui/notice.tsx";
import { RunReport } from "../lib/ui/run_report.tsx";
import { visibleText } from "../lib/ui/visible_text.ts";
import { whileShown } from "../lib/ui/while_shown.ts";
import { useWords } from "../lib/ui/words/words.ts";

/** A run, its tasks and what can be done about it, as they are now. */
export function LiveRun(props: {
  run: RunView;
  /** The last event that `run` already knows of. */
  after: number;
  mayAct: boolean;
}): JSX.Element {
  const { run: words } = useWords();
  const run = useSignal(props.run);
  const refusal = useSignal<string | null>(null);
  useEffect(() => {
    if (isFinalRun(props.run.status)) return;
    const client = createClient({ baseUrl: "" });
    const show = (next: RunView): void => {
      run.value = next;
    };
    const { run: { run_id: runId }, after } = props;
    return whileShown((signal) => {
      followRun(client, { runId, after, show, signal }).catch((error) => {
        if (!(error instanceof ProblemError)) throw error;
        refusal.value = error.problem.detail;
      });
    });
  }, []);
  return (
    <>
      {refusal.value !== null && (
        <Notice kind="warning" title={words.stale}>
          <p>
            {visibleText(refusal.value)}. <a href="">{words.reload}</a>
          </p>
        </Notice>
      )}
      <RunReport run={run.value} mayAct={props.mayAct} />
    </>
  );
}
