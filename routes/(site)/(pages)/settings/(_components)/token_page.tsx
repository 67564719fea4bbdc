import type { JSX } from "preact";
import type { ProblemDocument, TokenAnswer, TokenList } from "../../../../../lib/schema/api.ts";
import { NextPage } from "../../../../../lib/ui/next_page.tsx";
import { Notice } from "../../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { SettingsNav } from "../../../../../lib/ui/settings_nav.tsx";
import { type TokenFields, TokenForm } from "../../../../../lib/ui/token_form.tsx";
import { TokenTable } from "../../../../../lib/ui/token_table.tsx";
import { visibleText } from "../../../../../lib/ui/visible_text.ts";
import { useWords } from "../../../../../lib/ui/words/words.ts";

/** What the page of tokens shows. */
export interface TokenPageData {
  readonly list: TokenList;
  /** The token that the visitor is signed in with. */
  readonly ownId: string | undefined;
  readonly fields: TokenFields;
  readonly attempt: string;
  /** The one that was just made. */
  readonly made?: TokenAnswer;
  /** Why none was. */
  readonly problem?: ProblemDocument;
}

/** Tokens, and the form that makes one. */
export function TokenPage(data: TokenPageData & { url: URL }): JSX.Element {
  const { tokens, settings } = useWords();
  const { list, ownId, fields, attempt, made, problem, url } = data;
  return (
    <>
      <PageTitle title={settings.tokens} />
      <SettingsNav at="tokens" />
      {made !== undefined && <MadeToken made={made} />}
      {problem !== undefined && (
        <Notice kind="bad" title={tokens.refused} code={problem.code}>
          <p>{visibleText(problem.detail)}.</p>
        </Notice>
      )}
      <TokenTable tokens={list.tokens} ownId={ownId} />
      <NextPage url={url} cursor={list.next_cursor} />
      <section aria-labelledby="make">
        <h2 id="make">{tokens.make}</h2>
        <TokenForm fields={fields} attempt={attempt} />
      </section>
    </>
  );
}

function MadeToken({ made }: { made: TokenAnswer }): JSX.Element {
  const { tokens } = useWords();
  return (
    <Notice kind="good" title={tokens.made(visibleText(made.name))}>
      <p>{tokens.madeHint}</p>
      <label for="made">{tokens.token}</label>
      <input id="made" class="mono" type="text" value={made.token} readOnly autofocus />
    </Notice>
  );
}
