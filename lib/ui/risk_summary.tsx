import type { JSX } from "preact";
import type { DagSpec, TaskSpec } from "../schema/dag_spec.ts";
import { type Risk, riskyInScript, riskyInShell } from "../schema/risky_code.ts";
import { taskAnchor } from "./task_anchor.ts";
import { useWords } from "./words/words.ts";

/** Which tasks have places that need a second look; nothing where none has. */
export function RiskSummary({ spec }: { spec: DagSpec }): JSX.Element | null {
  const { risks, frame } = useWords();
  const found = spec.tasks.flatMap((task) => {
    const places = risksOf(task);
    return places.length === 0 ? [] : [{ id: task.id, places }];
  });
  const count = found.reduce((sum, { places }) => sum + places.length, 0);
  if (count === 0) return null;
  return (
    <div class="notice notice-warning">
      <strong>{risks.title(count)}</strong>
      <ul>
        {found.map(({ id, places }) => (
          <li key={id}>
            <a href={`#${encodeURIComponent(taskAnchor(spec.dag_id, id))}`}>
              <code>{id}</code>
            </a>: {[...new Set(places)].map((risk) => risks.reasons[risk]).join(frame.comma)}
          </li>
        ))}
      </ul>
      <p class="remark">{risks.hint}</p>
    </div>
  );
}

/** The risks in what a task runs, one for each place. */
function risksOf(task: TaskSpec): Risk[] {
  const rollback = task.rollback.flatMap(riskyInShell);
  const own = task.type === "shell"
    ? riskyInShell(task.command)
    : task.type === "deno" && task.script !== undefined
    ? riskyInScript(task.script)
    : [];
  return [...own, ...rollback].map(({ risk }) => risk);
}
