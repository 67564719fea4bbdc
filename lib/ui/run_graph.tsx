import type { JSX } from "preact";
import { BoxOutline, GraphDrawing } from "./graph_drawing.tsx";
import { PanZoom, sizeOf } from "./pan_zoom.tsx";
import type { BoxState, RunBox, RunPicture } from "./run_graph_view.ts";
import { taskPath } from "./run_paths.ts";
import { lookOf, stateWords } from "./state_look.ts";
import { StatusShape } from "./status_shape.tsx";
import { useWords } from "./words/words.ts";

/** The tasks of a run as a picture with how each stands; each box leads to its task. */
export function RunGraph({ runId, picture, states }: {
  runId: string;
  picture: RunPicture;
  /** Of the boxes, in their order. */
  states: readonly BoxState[];
}): JSX.Element {
  const { graph } = useWords();
  const label = graph.of(picture.boxes.reduce((sum, { count }) => sum + count, 0));
  return (
    <PanZoom label={label} size={sizeOf(picture)}>
      <GraphDrawing picture={picture} label={label}>
        {picture.boxes.map((box, at) => {
          const state = states[at];
          return state && <Box key={at} {...{ runId, box, state }} />;
        })}
      </GraphDrawing>
    </PanZoom>
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
      <title key="name">
        {count === 1
          ? words.boxTask(state.task_id, status)
          : words.boxTasks(count, state.done, words.boxTask(state.task_id, status))}
      </title>
      <BoxOutline {...{ x, y, width }} isPile={count > 1} name={state.task_id} />
      <svg x={x + 12} y={y + 26} width="11" height="11" class="graph-shape">
        <StatusShape look={look} />
      </svg>
      <text class="graph-type" x={x + 28} y={y + 36}>{text}</text>
    </a>
  );
}
