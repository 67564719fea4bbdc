/** The graph of a document that is being written. On the server alone. */
import type { DraftTask } from "../schema/draft_tasks.ts";
import type { DraftGraph } from "./draft_view.ts";
import { type GraphPicture, layoutGraph } from "./graph_layout.ts";
import { taskPicture } from "./task_boxes.ts";

/**
 * Draws tasks as they will be, or as far as they are written.
 * @param lineOf the line of a place in the document
 * @returns null where there is nothing that a picture could show
 */
export function draftGraphOf(
  tasks: readonly DraftTask[],
  lineOf: (path: string) => number | undefined,
): DraftGraph | null {
  if (tasks.length < 2) return null;
  const picture = layoutOf(tasks);
  if (picture === undefined) return { count: tasks.length, picture: null };
  const first = new Set(picture.boxes.map(({ task_ids }) => task_ids[0]));
  const facts = tasks.filter(({ id }) => first.has(id)).map(({ path, ...task }) => ({
    ...task,
    line: lineOf(path),
  }));
  return { count: tasks.length, picture: taskPicture(picture, facts) };
}

function layoutOf(tasks: readonly DraftTask[]): GraphPicture | undefined {
  try {
    return layoutGraph(tasks);
  } catch (error) {
    // Many tasks can be put into stages only where they don't wait for each other in a circle; that
    // they do is among the problems.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
