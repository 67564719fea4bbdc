import type { JSX } from "preact";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** What a worker's process was allowed when it was started, flag by flag. */
export function PermissionFlags({ flags }: { flags: readonly string[] }): JSX.Element {
  const { worker } = useWords();
  return (
    <details>
      <summary>{worker.flagCount(flags.length)}</summary>
      <ul class="plain">
        {flags.map((flag) => (
          <li key={flag}>
            <code>{visibleText(flag)}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
