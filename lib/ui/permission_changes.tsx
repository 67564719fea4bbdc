import type { JSX } from "preact";
import type { PermissionsView } from "../schema/api.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

const KINDS = ["net", "read", "write", "env", "run", "secrets"] as const;

/** What tasks may touch that they might not before, and the other way round. */
export function PermissionChanges({ before, now, version }: {
  before: PermissionsView;
  now: PermissionsView;
  /** The version that is compared with. */
  version: number;
}): JSX.Element {
  const { changes, policy } = useWords();
  const added = differences(now, before);
  const removed = differences(before, now);
  if (added.length + removed.length === 0) {
    return <p class="quiet">{changes.sameRights(version)}</p>;
  }
  const rows = (entries: readonly Entry[], kind: "added" | "removed"): JSX.Element[] =>
    entries.map(({ what, entry }) => (
      <li key={`${what} ${entry}`} class={`right-${kind}`}>
        <span class={`tag tag-${kind}`}>
          {kind === "added" ? changes.newRight : changes.oldRight}
        </span>{" "}
        {what === "isolation" ? policy.isolation : policy[what]}: <code>{visibleText(entry)}</code>
      </li>
    ));
  return (
    <ul class="rights" aria-label={changes.rights(version)}>
      {rows(added, "added")}
      {rows(removed, "removed")}
    </ul>
  );
}

interface Entry {
  readonly what: typeof KINDS[number] | "isolation";
  readonly entry: string;
}

/** What is in one and not in the other. */
function differences(one: PermissionsView, other: PermissionsView): Entry[] {
  const entries = KINDS.flatMap((what): Entry[] =>
    one[what].filter((entry) => !other[what].includes(entry)).map((entry) => ({ what, entry }))
  );
  if (one.isolation === other.isolation) return entries;
  return [...entries, { what: "isolation", entry: one.isolation }];
}
