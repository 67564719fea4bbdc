import type { JSX } from "preact";
import type { BoxState, RunBox, RunPicture } from "./run_graph_view.ts";
import { taskPath } from "./run_paths.ts";
import { lookOf, stateWords } from "./state_look.ts";
import { StatusShape } from "./status_shape.tsx";
import { useWords } from "./words/words.ts";

/** As `graph_layout.ts` has it, which stays on the server. */
const BOX_HEIGHT = 44;
const MOST_CHARACTERS = 24;

/** The tasks of a run as a picture with how each stands; each box leads to its task. */
export function RunGraph({ runId, picture, states }: {
  runId: string;
  picture: RunPicture;
  /** Of the boxes, in their order. */
  states: readonly BoxState[];
}): JSX.Element {
  const { graph } = useWords();
  const { width, height, boxes, lines } = picture;
  const label = graph.of(boxes.reduce((sum, { count }) => sum + count, 0));
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
        {boxes.map((box, at) => {
          const state = states[at];
          return state && <Box key={at} {...{ runId, box, state }} />;
        })}
      </svg>
    </div>
  );
}

function Box(
  { runId, box, state }: { runId: string; box: RunBox; state: BoxState },
): JSX.Element {
  const { run: words, states } = useWords();
  const { x, y, width, count } = box;
  const look = lookOf(state.status);
  const status = states[state.status] ?? stateWords(state.status);
  const text = count === 1 ? status : words.boxDone(state.done, count);
  return (
    <a href={taskPath(runId, state.task_id)} class={`graph-${look}`}>
      <title>
        {count === 1
          ? words.boxTask(state.task_id, status)
          : words.boxTasks(count, state.done, words.boxTask(state.task_id, status))}
      </title>
      {count > 1 && (
        <rect class="graph-box" x={x + 4} y={y + 4} width={width} height={BOX_HEIGHT} rx={6} />
      )}
      <rect class="graph-box" x={x} y={y} width={width} height={BOX_HEIGHT} rx={6} />
      <text class="graph-name" x={x + 12} y={y + 19}>{shortened(state.task_id)}</text>
      <svg x={x + 12} y={y + 26} width="11" height="11" class="graph-shape">
        <StatusShape look={look} />
      </svg>
      <text class="graph-type" x={x + 28} y={y + 36}>{text}</text>
    </a>
  );
}

function shortened(id: string): string {
  return id.length > MOST_CHARACTERS ? `${id.slice(0, MOST_CHARACTERS - 1)}…` : id;
}
