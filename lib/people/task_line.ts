/** One task of a DAG in a line: what it runs, for who decides about it. */
import type { DagSpec } from "../schema/dag_spec.ts";
import { code, cut, type NoticeText, say } from "./notice_text.ts";

/** @param most characters of what it runs; what is longer ends in `…` */
export function taskLine(task: DagSpec["tasks"][number], most: number): NoticeText {
  const after = task.depends_on.length === 0 ? "" : `, after ${task.depends_on.join(", ")}`;
  const what = workOf(task);
  return what === undefined
    ? say`${code(task.id)} ${task.type}${after}`
    : say`${code(task.id)} ${task.type} ${code(cut(what, most))}${after}`;
}

function workOf(task: DagSpec["tasks"][number]): string | undefined {
  switch (task.type) {
    case "shell":
      return task.command;
    case "deno":
      return task.module ?? task.script;
    case "http":
      return `${task.request.method} ${task.request.url}`;
    case "skill":
      return [task.skill, task.method].filter((part) => part !== undefined).join(".");
    default:
      return undefined;
  }
}
