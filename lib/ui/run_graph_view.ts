/** How the boxes of a run's graph stand. Pure. */
import type { TaskView } from "../schema/api.ts";
import type { GraphBox, GraphPicture } from "./graph_layout.ts";

/** A box in its place, without the names of all that is in it. */
export interface RunBox extends Pick<GraphBox, "x" | "y" | "width"> {
  /** How many tasks it stands for. */
  readonly count: number;
}

/** The part of a run's graph that stays as it is while the run goes on. */
export interface RunPicture extends Pick<GraphPicture, "width" | "height" | "lines"> {
  readonly boxes: readonly RunBox[];
}

/** How a box stands now. */
export interface BoxState {
  /** Of several tasks the one that most wants to be looked at. */
  readonly task_id: string;
  readonly status: TaskView["status"];
  /** How many of its tasks have completed. */
  readonly done: number;
}

/** What wants to be looked at first. */
const URGENCY: readonly TaskView["status"][] = [
  "failed",
  "awaiting_decision",
  "debt",
  "running",
  "retry_wait",
  "ready",
  "pending",
  "cancelled",
  "skipped",
  "completed",
];

/** What the page needs of a layout. */
export function runPicture({ width, height, lines, boxes }: GraphPicture): RunPicture {
  return {
    width,
    height,
    lines,
    boxes: boxes.map(({ x, y, width, task_ids }) => ({ x, y, width, count: task_ids.length })),
  };
}

/** How each box of a layout stands, in the layout's order. */
export function boxStates(
  { boxes }: GraphPicture,
  tasks: readonly Pick<TaskView, "task_id" | "status">[],
): BoxState[] {
  const statusOf = new Map(tasks.map(({ task_id, status }) => [task_id, status]));
  return boxes.map(({ task_ids }) => {
    let [first = "", least] = [task_ids[0], URGENCY.length];
    let done = 0;
    for (const id of task_ids) {
      const status = statusOf.get(id) ?? "pending";
      if (status === "completed") done++;
      const urgency = URGENCY.indexOf(status);
      if (urgency < least) [first, least] = [id, urgency];
    }
    return { task_id: first, status: URGENCY[least] ?? "pending", done };
  });
}
