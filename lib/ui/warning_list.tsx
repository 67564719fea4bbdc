import type { JSX } from "preact";
import type { WarningView } from "../schema/api.ts";
import { visibleText } from "./visible_text.ts";

/** Remarks on a spec, each with its place; nothing where there are none. */
export function WarningList(
  { warnings }: { warnings: readonly WarningView[] },
): JSX.Element | null {
  if (warnings.length === 0) return null;
  return (
    <div class="notice notice-warning">
      <strong>{warnings.length === 1 ? "One remark" : `${warnings.length} remarks`}</strong>
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
