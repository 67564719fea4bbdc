import type { JSX } from "preact";
import { runPath } from "./run_paths.ts";
import { PAGE_TASKS, type RunPageView, taskQueryText } from "./run_page_view.ts";
import { StatusBadge } from "./status_badge.tsx";
import { useWords } from "./words/words.ts";

/** How many tasks are in which state, each a way to see those alone; and a search by name. */
export function TaskFilter({ view }: { view: RunPageView }): JSX.Element | null {
  const { run: words } = useWords();
  const { run, counts, query } = view;
  if (counts.length < 2 && run.total_tasks <= PAGE_TASKS && query.state === "") return null;
  const base = runPath(run.run_id);
  const link = (state: string): string =>
    `${base}${taskQueryText({ ...query, state, page: 1 })}#tasks`;
  const current = (state: string): "true" | "false" => query.state === state ? "true" : "false";
  return (
    <div class="task-filter">
      <nav class="chips" aria-label={words.stateFilter}>
        <a href={link("")} aria-current={current("")}>
          {words.allStates} <strong>{run.total_tasks.toLocaleString("en")}</strong>
        </a>
        {counts.map(([state, count]) => (
          <a key={state} href={link(state)} aria-current={current(state)}>
            <StatusBadge state={state} /> <strong>{count.toLocaleString("en")}</strong>
          </a>
        ))}
      </nav>
      {run.total_tasks > PAGE_TASKS && (
        <form method="get" action={`${base}#tasks`} role="search" class="inline-form">
          {query.state !== "" && <input type="hidden" name="state" value={query.state} />}
          <input
            type="search"
            name="task"
            value={query.text}
            aria-label={words.findTask}
            placeholder={words.findTask}
            autocomplete="off"
            spellcheck={false}
          />
          <button type="submit">{words.find}</button>
        </form>
      )}
    </div>
  );
}
