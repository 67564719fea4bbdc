/** How a run is told of in a room: one notice, which says how it stands. */
import type { RunView, TaskView } from "../schema/api.ts";
import { bold, code, lines, link, list, type NoticeText, say } from "./notice_text.ts";

/** @param url of its page; undefined: none that can be reached */
export function runNotice(view: RunView, url: string | undefined): NoticeText {
  const { run_id, dag_id, status, completed_tasks, total_tasks, error, waiting } = view;
  const failed = view.tasks.filter((task) => task.status === "failed");
  return lines(
    say`${HEADS[status]} ${
      bold(dag_id)
    } ${status}, ${completed_tasks} of ${total_tasks} tasks done${lasted(view)}`,
    activeOf(view.tasks),
    waiting === null ? undefined : say`waits: ${waiting.message}`,
    failed.length === 0
      ? undefined
      : list(failed.map(({ task_id, error }) => say`${code(task_id)} failed: ${error ?? ""}`), 5),
    error === null ? undefined : say`${error}`,
    say`run ${code(run_id)}`,
    url === undefined ? undefined : link(url, "open"),
  );
}

const HEADS = {
  queued: "⏳",
  running: "▶",
  paused: "⏸",
  completed: "✅",
  failed: "❌",
  cancelled: "⏹",
} as const;

/** What is going on just now. */
function activeOf(tasks: readonly TaskView[]): NoticeText | undefined {
  const active = tasks.filter(({ status }) =>
    status === "running" || status === "awaiting_decision"
  );
  if (active.length === 0) return undefined;
  const names = active.slice(0, 5).map(({ task_id, status }) =>
    status === "running" ? task_id : `${task_id} (waits for a decision)`
  );
  return say`now: ${names.join(", ")}${active.length > names.length ? ", …" : ""}`;
}

function lasted({ started_at, finished_at }: RunView): string {
  if (started_at === null || finished_at === null) return "";
  const seconds = (Date.parse(finished_at) - Date.parse(started_at)) / 1000;
  return ` in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
