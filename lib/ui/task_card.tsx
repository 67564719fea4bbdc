import type { JSX } from "preact";
import type { TaskSpec } from "../schema/dag_spec.ts";
import { TaskContent } from "./task_content.tsx";
import { TaskFacts } from "./task_facts.tsx";
import { taskAnchor } from "./task_anchor.ts";
import { visibleText } from "./visible_text.ts";

/** A task as the person sees it who decides about it. */
export function TaskCard({ task, dagId }: { task: TaskSpec; dagId: string }): JSX.Element {
  return (
    <li class="task" id={taskAnchor(dagId, task.id)} tabIndex={-1}>
      <h4>
        <code>{task.id}</code> <span class="tag">{task.type}</span>
      </h4>
      {task.name !== undefined && task.name !== "" && <p>{visibleText(task.name)}</p>}
      <TaskContent task={task} />
      <TaskFacts task={task} />
    </li>
  );
}
