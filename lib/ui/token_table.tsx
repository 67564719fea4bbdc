import type { JSX } from "preact";
import type { TokenView } from "../schema/api.ts";
import { EmptyState } from "./empty_state.tsx";
import { FoldedAction } from "./folded_action.tsx";
import { ScrollTable } from "./scroll_table.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Tokens without their secrets, each with the way to end it. */
export function TokenTable(
  { tokens, ownId }: { tokens: readonly TokenView[]; ownId: string | undefined },
): JSX.Element {
  const { tokens: words } = useWords();
  if (tokens.length === 0) {
    return (
      <EmptyState title={words.empty}>
        <p>{words.emptyHint}</p>
      </EmptyState>
    );
  }
  const heads = [words.name, words.roles, words.scopes, words.created, words.used, words.ends, ""];
  return (
    <ScrollTable caption={words.caption} heads={heads}>
      {tokens.map((token) => (
        <tr role="row" key={token.token_id} class={isOver(token) ? "quiet" : undefined}>
          <th scope="row" role="rowheader">
            {visibleText(token.name)}{" "}
            {token.token_id === ownId && <span class="tag">{words.own}</span>}
            <span class="remark">
              <code>{token.token_id}</code>
            </span>
          </th>
          <td role="cell" data-label={words.roles}>{token.roles.join(", ")}</td>
          <td role="cell" data-label={words.scopes}>
            {token.scopes === null ? words.everyScope : token.scopes.join(", ")}
          </td>
          <td role="cell" data-label={words.created}>
            <TimeAgo time={token.created_at} />
          </td>
          <td role="cell" data-label={words.used}>
            {token.last_used_at === null ? words.never : <TimeAgo time={token.last_used_at} />}
          </td>
          <td role="cell" data-label={words.ends}>
            <End token={token} />
          </td>
          <td role="cell" data-label="">
            {!isOver(token) && (
              <FoldedAction
                action={`/settings/tokens/${encodeURIComponent(token.token_id)}/revoke`}
                label={words.revoke}
                about={token.name}
                hint={words.revokeHint}
              />
            )}
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

function End({ token }: { token: TokenView }): JSX.Element {
  const { tokens: words } = useWords();
  if (token.revoked_at !== null) {
    return (
      <>
        {words.revoked} <TimeAgo time={token.revoked_at} />
      </>
    );
  }
  if (token.expires_at === null) return <>{words.noEnd}</>;
  return (
    <>
      {isOver(token) && `${words.expired} `}
      <TimeAgo time={token.expires_at} />
    </>
  );
}

function isOver({ revoked_at, expires_at }: TokenView): boolean {
  return revoked_at !== null || (expires_at !== null && Date.parse(expires_at) <= Date.now());
}
