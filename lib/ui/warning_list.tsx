import type { JSX } from "preact";
import type { WarningView } from "../schema/api.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Remarks on a spec, each with its place; nothing where there are none. */
export function WarningList(
  { warnings }: { warnings: readonly WarningView[] },
): JSX.Element | null {
  const { task: words } = useWords();
  if (warnings.length === 0) return null;
  return (
    <div class="notice notice-warning">
      <strong>{words.remarks(warnings.length)}</strong>
      <ul>
        {warnings.map(({ path, code, message }) => (
          <li key={`${path} ${code}`}>
            {path !== "" && <code>{visibleText(path)}</code>} {visibleText(message)}
          </li>
        ))}
      </ul>
    </div>
  );
}
