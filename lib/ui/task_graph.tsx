import type { JSX } from "preact";
import { type GraphBox, type GraphPicture } from "./graph_layout.ts";
import { useWords } from "./words/words.ts";

/** As `graph_layout.ts` has it, which stays on the server. */
const BOX_HEIGHT = 44;
const MOST_CHARACTERS = 24;

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
  const { width, height, boxes, lines } = picture;
  return (
    <div class="scroll graph" role="region" aria-label={label} tabIndex={0}>
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label={label}
      >
        {lines.map((path) => <path key={path} class="graph-line" d={path} />)}
        {boxes.map((box) => {
          const first = byId.get(box.task_ids[0] ?? "");
          return first === undefined
            ? null
            : <Box key={first.id} box={box} task={first} href={hrefOf(first.id)} />;
        })}
      </svg>
    </div>
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
      {more > 0 && <BoxShape x={box.x + 4} y={box.y + 4} width={box.width} />}
      <BoxShape x={box.x} y={box.y} width={box.width} />
      <text class="graph-name" x={box.x + 12} y={box.y + 19}>{shortened(task.id)}</text>
      <text class="graph-type" x={box.x + 12} y={box.y + 35}>
        {more === 0 ? task.type : graph.andMore(more)}
      </text>
    </a>
  );
}

function BoxShape({ x, y, width }: { x: number; y: number; width: number }): JSX.Element {
  return <rect class="graph-box" x={x} y={y} width={width} height={BOX_HEIGHT} rx={6} />;
}

function shortened(id: string): string {
  return id.length > MOST_CHARACTERS ? `${id.slice(0, MOST_CHARACTERS - 1)}…` : id;
}
