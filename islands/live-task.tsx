import type { Signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { isFinalRun } from "../lib/schema/state_tables.ts";
import { LogPanel, type LogPanelProps } from "../lib/ui/log_panel.tsx";
import type { LogTail } from "../lib/ui/log_tail.ts";
import { StaleNotice } from "../lib/ui/stale_notice.tsx";
import { TaskGiven } from "../lib/ui/task_given.tsx";
import type { TaskPageView } from "../lib/ui/task_page_view.ts";
import { TaskReport } from "../lib/ui/task_report.tsx";
import { type LiveProps, useLive } from "../lib/ui/use_live.ts";
import { useWords } from "../lib/ui/words/words.ts";

/** A task of a run and what it writes, as it is now. */
export function LiveTask(
  props: LiveProps<TaskPageView> & {
    mayAct: boolean;
    /** The attempt whose output alone is shown. */
    attempt?: number;
    /** What it does, which stays as it is. */
    children?: ComponentChildren;
  },
): JSX.Element {
  const { taskPage: words } = useWords();
  const { mayAct, attempt, children } = props;
  const { view, tail, isStale } = useLive(props, isFinalRun(props.view.run.status));
  const { run: { run_id: runId, status }, task: { task_id: taskId } } = view.value;
  const hasEnded = isFinalRun(status);
  return (
    <>
      {isStale.value && <StaleNotice />}
      <TaskReport view={view.value} mayAct={mayAct} attempt={attempt}>{children}</TaskReport>
      <section aria-labelledby="output">
        <h2 id="output">{attempt === undefined ? words.output : words.outputOf(attempt)}</h2>
        <Output tail={tail} {...{ runId, taskId, attempt, hasEnded }} />
      </section>
      <TaskGiven view={view.value} mayAct={mayAct} />
    </>
  );
}

/** Reads the lines itself, so that those that come draw nothing else anew. */
function Output(
  { tail, ...props }: Omit<LogPanelProps, "tail"> & { tail: Signal<LogTail> },
): JSX.Element {
  return <LogPanel {...props} tail={tail.value} />;
}
