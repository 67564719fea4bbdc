import type { JSX } from "preact";
import type { TaskSpec } from "../schema/dag_spec.ts";
import { TaskContent } from "./task_content.tsx";
import { TaskFacts } from "./task_facts.tsx";
import { useWords } from "./words/words.ts";

/** What a task does, as it was confirmed. */
export function TaskSpecSection({ task }: { task: TaskSpec }): JSX.Element {
  const { taskPage: words } = useWords();
  return (
    <section aria-labelledby="what">
      <h2 id="what">{words.what}</h2>
      <TaskContent task={task} />
      <TaskFacts task={task} isAmongOthers={false} />
    </section>
  );
}
