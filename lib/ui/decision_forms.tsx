import type { JSX } from "preact";
import type { PendingView } from "../schema/api.ts";
import { useWords } from "./words/words.ts";

/** Longest reason that a reject takes. */
const MAX_REASON = 4000;

/** Confirm and reject. Both name the hash that is on screen, so nothing else can be meant. */
export function DecisionForms(
  { dag, reason }: { dag: PendingView; reason?: string },
): JSX.Element {
  const words = useWords().pending;
  const base = `/pending/${encodeURIComponent(dag.dag_id)}`;
  const field = `reason-${dag.dag_id}`;
  return (
    <div class="decision" id={`decide-${dag.dag_id}`} tabIndex={-1}>
      <form method="post" action={`${base}/confirm`}>
        <input type="hidden" name="spec_hash" value={dag.spec_hash} />
        <button type="submit" class="button-good">
          {words.confirm}
          <span class="visually-hidden">{dag.dag_id}</span>
        </button>
      </form>
      <form method="post" action={`${base}/reject`} class="reject">
        <input type="hidden" name="spec_hash" value={dag.spec_hash} />
        <label for={field}>{words.why}</label>
        <textarea id={field} name="reason" rows={2} maxLength={MAX_REASON} required>
          {reason ?? ""}
        </textarea>
        <button type="submit" class="button-bad">
          {words.reject}
          <span class="visually-hidden">{dag.dag_id}</span>
        </button>
      </form>
    </div>
  );
}
