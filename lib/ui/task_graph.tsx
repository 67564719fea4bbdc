import type { JSX } from "preact";
import { BoxOutline, GraphFrame } from "./graph_frame.tsx";
import { type GraphBox, type GraphPicture } from "./graph_layout.ts";
import { useWords } from "./words/words.ts";

/** What is known of a task beside its place. */
export interface GraphTaskFacts {
  readonly id: string;
  readonly type: string;
  readonly depends_on: readonly string[];
}

/** The tasks of a DAG as a picture; each box leads to its task. */
export function TaskGraph({ picture, tasks, hrefOf, label }: {
  picture: GraphPicture;
  tasks: readonly GraphTaskFacts[];
  /** Where a task is told of in full. */
  hrefOf: (taskId: string) => string;
  label: string;
}): JSX.Element {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return (
    <GraphFrame picture={picture} label={label}>
      {picture.boxes.map((box) => {
        const first = byId.get(box.task_ids[0] ?? "");
        return first === undefined
          ? null
          : <Box key={first.id} box={box} task={first} href={hrefOf(first.id)} />;
      })}
    </GraphFrame>
  );
}

function Box(
  { box, task, href }: { box: GraphBox; task: GraphTaskFacts; href: string },
): JSX.Element {
  const { graph } = useWords();
  const more = box.task_ids.length - 1;
  const name = more === 0
    ? graph.task(task.id, task.type, task.depends_on.join(", "))
    : graph.tasks(box.task_ids.length, task.id);
  return (
    <a href={href}>
      <title>{name}</title>
      <BoxOutline x={box.x} y={box.y} width={box.width} isPile={more > 0} name={task.id} />
      <text class="graph-type" x={box.x + 12} y={box.y + 35}>
        {more === 0 ? task.type : graph.andMore(more)}
      </text>
    </a>
  );
}
