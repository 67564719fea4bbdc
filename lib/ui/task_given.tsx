import type { JSX } from "preact";
import { DebtList } from "./debt_list.tsx";
import { DecisionCard } from "./decision_card.tsx";
import { JsonOutput } from "./json_output.tsx";
import type { TaskPageView } from "./task_page_view.ts";
import { useWords } from "./words/words.ts";

/** What a task was given and gave, and what has been decided about it. */
export function TaskGiven(
  { view, mayAct }: { view: TaskPageView; mayAct: boolean },
): JSX.Element {
  const { taskPage: words, run: runWords } = useWords();
  const { run, task, outputs, inputs, debts } = view;
  const decisions = view.decisions.filter(({ status }) => status !== "open");
  const path = (taskId: string): string =>
    `/api/v1/runs/${encodeURIComponent(run.run_id)}/tasks/${encodeURIComponent(taskId)}`;
  return (
    <>
      <section aria-labelledby="outputs">
        <h2 id="outputs">{words.outputs}</h2>
        {outputs === null ? <p class="quiet">{words.noOutputs}</p> : (
          <JsonOutput
            label={words.inputOf(task.task_id)}
            json={outputs}
            path={path(task.task_id)}
          />
        )}
      </section>
      <section aria-labelledby="inputs">
        <h2 id="inputs">{words.inputs}</h2>
        <p class="quiet">{inputs.length === 0 ? words.noInputs : words.inputsHint}</p>
        {inputs.map(({ task_id, outputs }) => (
          <details key={task_id} open={inputs.length === 1}>
            <summary>{words.inputOf(task_id)}</summary>
            <JsonOutput label={words.inputOf(task_id)} json={outputs} path={path(task_id)} />
          </details>
        ))}
      </section>
      {decisions.length > 0 && (
        <section aria-labelledby="decisions">
          <h2 id="decisions">{runWords.decisions}</h2>
          {decisions.map((decision) => (
            <DecisionCard key={decision.decision_id} decision={decision} mayAct={mayAct} />
          ))}
        </section>
      )}
      {debts.length > 0 && (
        <section aria-labelledby="debts">
          <h2 id="debts">{runWords.debts}</h2>
          <DebtList debts={debts} mayAct={mayAct} />
        </section>
      )}
    </>
  );
}
