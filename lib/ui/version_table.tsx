import type { JSX } from "preact";
import type { VersionView } from "../schema/api.ts";
import { HashText } from "./hash_text.tsx";
import { ScrollTable } from "./scroll_table.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { Cell, Row, RowHead } from "./table_parts.tsx";
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
        <Row key={version.version}>
          <RowHead>{version.version}</RowHead>
          <Cell label={runs.status}>
            <StatusBadge state={version.status} />
            {version.reason !== null && <p class="reason">“{visibleText(version.reason)}”</p>}
          </Cell>
          <Cell label={facts.hash}>
            <HashText hash={version.spec_hash} />
          </Cell>
          <Cell label={facts.published}>
            {visibleText(version.published_by)}, <TimeAgo time={version.published_at} />
          </Cell>
          <Cell label={dag.decided}>
            {version.decided_by !== null && <>{visibleText(version.decided_by)},{" "}</>}
            <TimeAgo time={version.decided_at} />
          </Cell>
          <Cell label={runs.run}>
            {version.run_id === null
              ? <span class="quiet">{frame.none}</span>
              : <a href={`/runs/${encodeURIComponent(version.run_id)}`}>{dag.firstRun}</a>}
          </Cell>
        </Row>
      ))}
    </ScrollTable>
  );
}
