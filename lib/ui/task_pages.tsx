import type { JSX } from "preact";
import { runPath } from "./run_paths.ts";
import { PAGE_TASKS, type RunPageView, taskQueryText } from "./run_page_view.ts";
import { useWords } from "./words/words.ts";

/** Which of the tasks are shown, and the way to the others; nothing when all are. */
export function TaskPages({ view }: { view: RunPageView }): JSX.Element | null {
  const { run: words, frame } = useWords();
  const { run, query, found, rows } = view;
  if (found <= PAGE_TASKS && query.page === 1) return null;
  const link = (page: number): string =>
    `${runPath(run.run_id)}${taskQueryText({ ...query, page })}#tasks`;
  const from = (query.page - 1) * PAGE_TASKS;
  return (
    <nav class="pages" aria-label={frame.pages}>
      {rows.length > 0 && (
        <span class="quiet">{words.showing(from + 1, from + rows.length, found)}</span>
      )}
      {query.page > 1 && <a href={link(query.page - 1)} rel="prev">{words.previous}</a>}
      {from + PAGE_TASKS < found && <a href={link(query.page + 1)} rel="next">{words.next}</a>}
    </nav>
  );
}
