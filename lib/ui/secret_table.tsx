import type { JSX } from "preact";
import type { SecretView } from "../schema/secret.ts";
import { EmptyState } from "./empty_state.tsx";
import { FoldedAction } from "./folded_action.tsx";
import { ScrollTable } from "./scroll_table.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Which secrets there are. Their values are nowhere. */
export function SecretTable({ secrets }: { secrets: readonly SecretView[] }): JSX.Element {
  const { secrets: words } = useWords();
  if (secrets.length === 0) {
    return (
      <EmptyState title={words.empty}>
        <p>{words.emptyHint}</p>
      </EmptyState>
    );
  }
  const heads = [words.name, words.scope, words.updated, words.created, words.by, ""];
  return (
    <ScrollTable caption={words.caption} heads={heads}>
      {secrets.map((secret) => (
        <tr role="row" key={`${secret.name} ${secret.scope}`}>
          <th scope="row" role="rowheader">
            <code>{secret.name}</code>
          </th>
          <td role="cell" data-label={words.scope}>{secret.scope ?? words.everyScope}</td>
          <td role="cell" data-label={words.updated}>
            <TimeAgo time={secret.updated_at} />
          </td>
          <td role="cell" data-label={words.created}>
            <TimeAgo time={secret.created_at} />
          </td>
          <td role="cell" data-label={words.by}>
            <code>{visibleText(secret.created_by)}</code>
          </td>
          <td role="cell" data-label="">
            <FoldedAction
              action={`/settings/secrets/${encodeURIComponent(secret.name)}/remove`}
              label={words.remove}
              about={`${secret.name} ${secret.scope ?? words.everyScope}`}
              hint={words.removeHint}
            >
              <input type="hidden" name="scope" value={secret.scope ?? ""} />
            </FoldedAction>
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}
