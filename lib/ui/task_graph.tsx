import type { JSX } from "preact";
import { BoxOutline, GraphDrawing } from "./graph_drawing.tsx";
import type { GraphTaskFacts, TaskBox, TaskPicture } from "./task_boxes.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** The tasks of a DAG as a picture; each box leads to its task. */
export function TaskGraph({ picture, hrefOf, label }: {
  picture: TaskPicture;
  /** Where a task is told of in full. */
  hrefOf: (task: GraphTaskFacts) => string;
  label: string;
}): JSX.Element {
  return (
    <GraphDrawing picture={picture} label={label}>
      {picture.boxes.map((box) => <Box key={box.task.id} box={box} href={hrefOf(box.task)} />)}
    </GraphDrawing>
  );
}

function Box({ box, href }: { box: TaskBox; href: string }): JSX.Element {
  const { graph } = useWords();
  const { x, y, width, count, task } = box;
  const more = count - 1;
  // Of a document that is still being written, both may be anything.
  const [id, type] = [visibleText(task.id), visibleText(task.type)];
  const name = more === 0
    ? graph.task(id, type, visibleText(task.depends_on.join(", ")))
    : graph.tasks(count, id);
  return (
    <a href={href} data-line={task.line}>
      <title key="name">{name}</title>
      <BoxOutline {...{ x, y, width }} isPile={more > 0} name={id} />
      <text class="graph-type" x={x + 12} y={y + 35}>
        {more === 0 ? type : graph.andMore(more)}
      </text>
    </a>
  );
}
