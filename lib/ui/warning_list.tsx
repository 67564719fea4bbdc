import type { JSX } from "preact";
import type { WarningView } from "../schema/api.ts";
import { placeInSpec } from "../schema/place_in_spec.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Remarks on a spec, each with its place; nothing where there are none. */
export function WarningList({ warnings, tasks = [] }: {
  readonly warnings: readonly WarningView[];
  /** Of the spec, for who doesn't have its text before them. */
  readonly tasks?: readonly { readonly id: string }[];
}): JSX.Element | null {
  const { task: words } = useWords();
  if (warnings.length === 0) return null;
  return (
    <div class="notice notice-warning">
      <strong>{words.remarks(warnings.length)}</strong>
      <ul>
        {warnings.map(({ path, code, message }) => (
          <li key={`${path} ${code}`}>
            {path !== "" && <code>{visibleText(placeInSpec(path, tasks))}</code>}{" "}
            {visibleText(message)}
          </li>
        ))}
      </ul>
    </div>
  );
}
