import type { JSX } from "preact";
import { runPath } from "./run_paths.ts";
import { useWords } from "./words/words.ts";

/** Runs a task of an ended run again, with what depends on it. */
export function RerunButton({ runId, taskId, quiet }: {
  runId: string;
  taskId: string;
  /** One of many, which must not shout. */
  quiet?: boolean;
}): JSX.Element {
  const { run: words } = useWords();
  return (
    <form method="post" action={`${runPath(runId)}/retry`}>
      <button
        type="submit"
        name="task_id"
        value={taskId}
        class={quiet ? "button-quiet" : undefined}
        title={words.rerunHint}
      >
        {words.rerun}
        <span class="visually-hidden">{taskId}</span>
      </button>
    </form>
  );
}
