import type { JSX } from "preact";
import type { VersionView } from "../schema/api.ts";
import { HashText } from "./hash_text.tsx";
import { ScrollTable } from "./scroll_table.tsx";
import { StatusBadge } from "./status_badge.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";

/** The versions of a DAG and what was decided about each. */
export function VersionTable({ versions }: { versions: readonly VersionView[] }): JSX.Element {
  const heads = ["Version", "Status", "Hash", "Published", "Decided", "Run"];
  return (
    <ScrollTable caption="Versions, newest first" heads={heads}>
      {versions.map((version) => (
        <tr key={version.version}>
          <th scope="row">{version.version}</th>
          <td>
            <StatusBadge state={version.status} />
            {version.reason !== null && <p class="reason">“{visibleText(version.reason)}”</p>}
          </td>
          <td>
            <HashText hash={version.spec_hash} />
          </td>
          <td>
            {visibleText(version.published_by)}, <TimeAgo time={version.published_at} />
          </td>
          <td>
            {version.decided_by !== null && <>{visibleText(version.decided_by)},{" "}</>}
            <TimeAgo time={version.decided_at} />
          </td>
          <td>
            {version.run_id === null
              ? <span class="quiet">none</span>
              : <a href={`/runs/${encodeURIComponent(version.run_id)}`}>First run</a>}
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}
