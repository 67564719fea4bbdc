import type { JSX } from "preact";
import { Notice } from "./notice.tsx";
import { useWords } from "./words/words.ts";

/** Says that what is shown stays as it is now. */
export function StaleNotice(): JSX.Element {
  const { run: words } = useWords();
  return (
    <Notice kind="warning" title={words.stale}>
      <p>
        {words.staleHint} <a href="">{words.loadAgain}</a>
      </p>
    </Notice>
  );
}
