import type { JSX } from "preact";
import type { AuditEntryView } from "../schema/audit.ts";
import { CodeBlock } from "./code_block.tsx";
import { jsonTokens } from "./highlight/json_tokens.ts";
import { ScrollTable } from "./scroll_table.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleJson, visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Who did what to what, and how that ended. */
export function AuditTable({ entries }: { entries: readonly AuditEntryView[] }): JSX.Element {
  const { audit, frame } = useWords();
  const heads = [frame.when, audit.who, audit.action, audit.target, audit.outcome, audit.detail];
  return (
    <ScrollTable caption={audit.caption} heads={heads}>
      {entries.map((entry) => (
        <tr role="row" key={entry.seq}>
          <td role="cell" data-label={frame.when}>
            <TimeAgo time={entry.time} />
          </td>
          <td role="cell" data-label={audit.who}>
            <Who entry={entry} />
          </td>
          <td role="cell" data-label={audit.action}>
            <a href={`/settings/audit?${new URLSearchParams({ action: entry.action })}`}>
              {entry.action}
            </a>
          </td>
          <td role="cell" data-label={audit.target} class="target">
            {entry.target === null
              ? "–"
              : (
                <a href={`/settings/audit?${new URLSearchParams({ target: entry.target })}`}>
                  {visibleText(entry.target)}
                </a>
              )}
          </td>
          <td role="cell" data-label={audit.outcome}>
            {entry.outcome === "done"
              ? audit.done
              : <strong class="refused">{visibleText(entry.outcome)}</strong>}
          </td>
          <td role="cell" data-label={audit.detail}>
            <Detail entry={entry} />
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

function Who({ entry: { token_id, token_name } }: { entry: AuditEntryView }): JSX.Element {
  const { audit } = useWords();
  if (token_id === null) return <span class="quiet">{audit.nobody}</span>;
  return (
    <a href={`/settings/audit?${new URLSearchParams({ token_id })}`} title={token_id}>
      {visibleText(token_name ?? token_id)}
    </a>
  );
}

function Detail({ entry: { detail, request_id, seq } }: { entry: AuditEntryView }): JSX.Element {
  const { audit } = useWords();
  const all = { ...detail, ...(request_id === null ? {} : { request_id }) };
  if (Object.keys(all).length === 0) return <span class="quiet">–</span>;
  return (
    <details>
      <summary>
        {audit.detail}
        <span class="visually-hidden">{seq}</span>
      </summary>
      <CodeBlock label={`${audit.detail} ${seq}`} text={visibleJson(all)} tokensOf={jsonTokens} />
    </details>
  );
}
