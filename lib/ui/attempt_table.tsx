import type { JSX } from "preact";
import type { AttemptView } from "../schema/api.ts";
import { ScrollTable } from "./scroll_table.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { TimeSpan } from "./time_span.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Every attempt at a task, and at rolling it back. */
export function AttemptTable({ attempts, path, chosen }: {
  attempts: readonly AttemptView[];
  /** The page of the task. */
  path: string;
  /** The attempt whose output alone is shown. */
  chosen: number | undefined;
}): JSX.Element {
  const { taskPage: words, run } = useWords();
  if (attempts.length === 0) return <p class="quiet">{words.none}</p>;
  const heads = [
    words.attempt,
    words.outcome,
    run.started,
    run.took,
    words.exitCode,
    run.worker,
    words.only,
  ];
  return (
    <ScrollTable caption={words.attemptsCaption} heads={heads}>
      {attempts.map((attempt) => (
        <tr role="row" key={attempt.attempt}>
          <th scope="row" role="rowheader" class="number">
            {attempt.attempt}
            {attempt.kind === "rollback" && <span class="tag">{run.rollback}</span>}
          </th>
          <td role="cell" data-label={words.outcome}>
            <StatusBadge state={attempt.status} />
            {attempt.error !== null && <p class="error-text">{visibleText(attempt.error)}</p>}
            {attempt.late_result !== null && (
              <p class="remark">
                {words.late} <StatusBadge state={attempt.late_result.status} />
              </p>
            )}
          </td>
          <td role="cell" data-label={run.started}>
            <TimeAgo time={attempt.started_at} />
          </td>
          <td role="cell" data-label={run.took}>
            <TimeSpan from={attempt.started_at} to={attempt.finished_at} />
          </td>
          <td role="cell" data-label={words.exitCode}>{attempt.exit_code ?? "–"}</td>
          <td role="cell" data-label={run.worker}>
            <a href={`/workers/${encodeURIComponent(attempt.worker_id)}`}>{attempt.worker_id}</a>
          </td>
          <td role="cell" data-label={words.only}>
            {chosen === attempt.attempt
              ? <a href={`${path}#output`}>{words.seeAll}</a>
              : (
                <a href={`${path}?attempt=${attempt.attempt}#output`}>
                  {words.seeOutput(attempt.attempt)}
                </a>
              )}
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}
