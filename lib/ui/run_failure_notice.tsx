import type { JSX } from "preact";
import { LogLines } from "./log_lines.tsx";
import { Notice } from "./notice.tsx";
import type { RunPageView } from "./run_page_view.ts";
import { taskPath } from "./run_paths.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Why a run failed, with a way to the task it failed at and the last that this one wrote. */
export function RunFailureNotice(
  { view: { run, failure } }: { view: RunPageView },
): JSX.Element | null {
  const { run: words } = useWords();
  if (run.error === null && failure === null) return null;
  return (
    <Notice kind="bad" title={run.error === null ? words.whySoFar : words.why}>
      {run.error !== null && <p class="lines">{visibleText(run.error)}</p>}
      {failure !== null && (
        <>
          {failure.lines.length > 0 && (
            <pre
              class="log"
              tabIndex={0}
              role="group"
              aria-label={words.lastLines(failure.task_id)}
            >
              <code>
                <LogLines lines={failure.lines} />
              </code>
            </pre>
          )}
          <p>
            <a href={taskPath(run.run_id, failure.task_id)}>{words.seeTask(failure.task_id)}</a>
          </p>
        </>
      )}
    </Notice>
  );
}
