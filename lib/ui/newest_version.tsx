import type { JSX } from "preact";
import type { DagView } from "../schema/api.ts";
import { Notice } from "./notice.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Says what is to be done about the newest version; nothing where nothing is. */
export function NewestVersion({ dag }: { dag: DagView }): JSX.Element | null {
  const { dag: words } = useWords();
  if (dag.status === "waiting_confirmation") {
    return (
      <Notice kind="warning" title={words.waits(dag.version)}>
        <p>
          <a href={`/pending#${dag.dag_id}`}>{words.decide}</a>
        </p>
      </Notice>
    );
  }
  if (dag.status === "rejected") {
    return (
      <Notice kind="bad" title={words.rejected(dag.version)}>
        <p class="lines">{visibleText(dag.reason ?? words.noReason)}</p>
      </Notice>
    );
  }
  if (dag.status !== "expired") return null;
  return (
    <Notice kind="warning" title={words.expired(dag.version)}>
      <p>{words.publishAgain}</p>
    </Notice>
  );
}
