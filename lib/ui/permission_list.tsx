import type { JSX } from "preact";
import type { PermissionsView } from "../schema/api.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";
import { zhPermission } from "./words/zh_permissions.ts";

/** What the tasks may touch, one sentence each. */
export function PermissionList({ permissions }: { permissions: PermissionsView }): JSX.Element {
  const { language } = useWords();
  const said = language === "zh" ? permissions.summary.map(zhPermission) : permissions.summary;
  return (
    <ul class="permissions">
      {said.map((sentence) => <li key={sentence}>{visibleText(sentence)}</li>)}
    </ul>
  );
}
