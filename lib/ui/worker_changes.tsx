import type { JSX } from "preact";
import type { WorkerDetailView } from "../schema/api.ts";
import { CodeBlock } from "./code_block.tsx";
import { EmptyState } from "./empty_state.tsx";
import { ScrollTable } from "./scroll_table.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** What became of a worker, newest first, each change with its reason. */
export function WorkerChanges(
  { history }: { history: WorkerDetailView["history"] },
): JSX.Element {
  const { worker, frame } = useWords();
  if (history.length === 0) {
    return (
      <EmptyState title={worker.noHistory}>
        <p>{worker.noHistoryHint}</p>
      </EmptyState>
    );
  }
  const heads = [frame.when, worker.state, worker.reason, worker.process, worker.restarts];
  return (
    <ScrollTable caption={worker.historyCaption} heads={heads}>
      {history.map((change, at) => (
        <tr role="row" key={at}>
          <td role="cell" data-label={frame.when}>
            <TimeAgo time={change.time} />
          </td>
          <td role="cell" data-label={worker.state}>
            <StatusBadge state={change.status} />
          </td>
          <td role="cell" data-label={worker.reason} class="prose">
            {visibleText(change.reason)}
            <LastLines lines={change.last_lines} />
          </td>
          <td role="cell" data-label={worker.process}>{change.pid ?? "–"}</td>
          <td role="cell" data-label={worker.restarts}>{change.restarts}</td>
        </tr>
      ))}
    </ScrollTable>
  );
}

/** What the process wrote before it ended. */
function LastLines({ lines }: { lines: readonly string[] }): JSX.Element | null {
  const { worker } = useWords();
  if (lines.length === 0) return null;
  const title = worker.lastLines(lines.length);
  return (
    <details>
      <summary>{title}</summary>
      <CodeBlock label={title} text={lines.join("\n")} />
    </details>
  );
}
