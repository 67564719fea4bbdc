import type { JSX } from "preact";
import type { PermissionsView } from "../schema/api.ts";
import { visibleText } from "./visible_text.ts";

/** What the tasks may touch, one sentence each. */
export function PermissionList({ permissions }: { permissions: PermissionsView }): JSX.Element {
  return (
    <ul class="permissions">
      {permissions.summary.map((sentence) => <li key={sentence}>{visibleText(sentence)}</li>)}
    </ul>
  );
}
