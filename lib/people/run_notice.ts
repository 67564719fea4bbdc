/** How a run is told of in a room: one notice, which says how it stands. */
import { NAMED, type RunBrief } from "../scheduler/run_brief.ts";
import { bold, code, lines, link, list, type NoticeText, say } from "./notice_text.ts";

/** @param url of its page; undefined: none that can be reached */
export function runNotice(view: RunBrief, url: string | undefined): NoticeText {
  const { run_id, dag_id, status, completed_tasks, total_tasks, error, waiting } = view;
  return lines(
    say`${HEADS[status]} ${
      bold(dag_id)
    } ${status}, ${completed_tasks} of ${total_tasks} tasks done${lasted(view)}`,
    activeOf(view),
    waiting === null ? undefined : say`waits: ${waiting.message}`,
    failedOf(view),
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
function activeOf({ active }: RunBrief): NoticeText | undefined {
  if (active.length === 0) return undefined;
  const names = active.slice(0, NAMED).map(({ task_id, status }) =>
    status === "running" ? task_id : `${task_id} (waits for a decision)`
  );
  return say`now: ${names.join(", ")}${active.length > names.length ? ", …" : ""}`;
}

function failedOf({ failed, failed_tasks }: RunBrief): NoticeText | undefined {
  if (failed.length === 0) return undefined;
  const more = failed_tasks - failed.length;
  return list([
    ...failed.map(({ task_id, error }) => say`${code(task_id)} failed: ${error ?? ""}`),
    ...(more > 0 ? [say`and ${more} more`] : []),
  ]);
}

function lasted({ started_at, finished_at }: RunBrief): string {
  if (started_at === null || finished_at === null) return "";
  const seconds = (Date.parse(finished_at) - Date.parse(started_at)) / 1000;
  return ` in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
