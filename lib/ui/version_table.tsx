import type { JSX } from "preact";
import type { VersionView } from "../schema/api.ts";
import { HashText } from "./hash_text.tsx";
import { ScrollTable } from "./scroll_table.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** The versions of a DAG and what was decided about each. */
export function VersionTable({ versions }: { versions: readonly VersionView[] }): JSX.Element {
  const { dag, facts, runs, frame } = useWords();
  const heads = [facts.version, runs.status, facts.hash, facts.published, dag.decided, runs.run];
  return (
    <ScrollTable caption={dag.versionsCaption} heads={heads}>
      {versions.map((version) => (
        <tr role="row" key={version.version}>
          <th scope="row" role="rowheader">{version.version}</th>
          <td role="cell" data-label={runs.status}>
            <StatusBadge state={version.status} />
            {version.reason !== null && <p class="reason">“{visibleText(version.reason)}”</p>}
          </td>
          <td role="cell" data-label={facts.hash}>
            <HashText hash={version.spec_hash} />
          </td>
          <td role="cell" data-label={facts.published}>
            {visibleText(version.published_by)}, <TimeAgo time={version.published_at} />
          </td>
          <td role="cell" data-label={dag.decided}>
            {version.decided_by !== null && <>{visibleText(version.decided_by)},{" "}</>}
            <TimeAgo time={version.decided_at} />
          </td>
          <td role="cell" data-label={runs.run}>
            {version.run_id === null
              ? <span class="quiet">{frame.none}</span>
              : <a href={`/runs/${encodeURIComponent(version.run_id)}`}>{dag.firstRun}</a>}
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}
