import type { JSX } from "preact";
import type { DebtView } from "../schema/debt.ts";
import { StatusBadge } from "./status_badge.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Longest reason that a resolve takes. */
const MAX_REASON = 4000;

/** The debts of a run, each with what was done about it, or the form to do it. */
export function DebtList(
  { debts, mayAct }: { debts: readonly DebtView[]; mayAct: boolean },
): JSX.Element {
  return (
    <ul class="tasks">
      {debts.map((debt) => (
        <li key={debt.debt_id} class="task" id={debt.debt_id}>
          <p>
            <code>{debt.task_id}</code> <StatusBadge state={debt.status} />
          </p>
          {debt.error !== null && <p class="error-text">{visibleText(debt.error)}</p>}
          {debt.status === "resolved" && <Resolved debt={debt} />}
          {debt.status === "open" && mayAct && <ResolveForm debt={debt} />}
        </li>
      ))}
    </ul>
  );
}

function Resolved({ debt }: { debt: DebtView }): JSX.Element {
  const { run: words } = useWords();
  const { resolved_by, reason, resumed_by_run } = debt;
  return (
    <p>
      {resolved_by !== null && `${visibleText(resolved_by)}: `}
      {visibleText(reason ?? "")}
      {resumed_by_run !== null && (
        <>
          {` – ${words.runAgainIn} `}
          <a href={`/runs/${encodeURIComponent(resumed_by_run)}`}>{resumed_by_run}</a>
        </>
      )}
    </p>
  );
}

function ResolveForm({ debt }: { debt: DebtView }): JSX.Element {
  const { run: words } = useWords();
  const field = `reason-${debt.debt_id}`;
  return (
    <form
      method="post"
      action={`/debts/${encodeURIComponent(debt.debt_id)}/resolve`}
      class="reject"
    >
      <label for={field}>{words.howSettled}</label>
      <textarea id={field} name="reason" rows={2} maxLength={MAX_REASON} required />
      <button type="submit">
        {words.settle}
        <span class="visually-hidden">{debt.task_id}</span>
      </button>
      <button type="submit" name="resume" value="yes">
        {words.settleByRun}
        <span class="visually-hidden">{debt.task_id}</span>
      </button>
    </form>
  );
}
