/** The boxes of a graph with what is known of their tasks, as a page draws them. Pure. */
import type { GraphBox, GraphPicture } from "./graph_layout.ts";

/** What is known of a task beside its place. */
export interface GraphTaskFacts {
  readonly id: string;
  readonly type: string;
  readonly depends_on: readonly string[];
  /** Line of a document in which it is written. */
  readonly line?: number | undefined;
}

/** A box in its place. Of several tasks that share it, it names the first. */
export interface TaskBox extends Pick<GraphBox, "x" | "y" | "width"> {
  readonly count: number;
  readonly task: GraphTaskFacts;
}

/** A picture that a page can draw without knowing the DAG. */
export interface TaskPicture extends Pick<GraphPicture, "width" | "height" | "lines"> {
  readonly boxes: readonly TaskBox[];
}

/** Puts a layout and what is known of its tasks together. */
export function taskPicture(
  { width, height, lines, boxes }: GraphPicture,
  tasks: readonly GraphTaskFacts[],
): TaskPicture {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return {
    width,
    height,
    lines,
    boxes: boxes.flatMap(({ x, y, width, task_ids }) => {
      const task = byId.get(task_ids[0] ?? "");
      if (task === undefined) return [];
      const { id, type, depends_on, line } = task;
      const facts = { id, type, depends_on, ...(line === undefined ? {} : { line }) };
      return [{ x, y, width, count: task_ids.length, task: facts }];
    }),
  };
}
