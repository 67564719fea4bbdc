import type { JSX } from "preact";
import { taskPath } from "./run_paths.ts";
import { StatusBadge } from "./status_badge.tsx";
import type { Neighbour } from "./task_page_view.ts";
import { useWords } from "./words/words.ts";

/** More than these are told by their number. */
const MOST_SHOWN = 50;

/** Tasks before or after one, with how they stand. */
export function NeighbourList(
  { runId, tasks }: { runId: string; tasks: readonly Neighbour[] },
): JSX.Element {
  const { taskPage: words } = useWords();
  if (tasks.length === 0) return <span class="quiet">{words.nothing}</span>;
  return (
    <ul class="plain neighbours">
      {tasks.slice(0, MOST_SHOWN).map(({ task_id, status }) => (
        <li key={task_id}>
          <a href={taskPath(runId, task_id)}>
            <code>{task_id}</code>
          </a>{" "}
          <StatusBadge state={status} />
        </li>
      ))}
      {tasks.length > MOST_SHOWN && <li>{words.more(tasks.length - MOST_SHOWN)}</li>}
    </ul>
  );
}
