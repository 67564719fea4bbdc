/** Shows runs, their tasks and what these write. */
import type { EventView, LogLineView, RunView, TaskView } from "../schema/api.ts";
import { scopeKey } from "../schema/scope.ts";
import { isFinalRun } from "../schema/states.ts";
import type { CliContext } from "./context.ts";
import { courseOf } from "./decision_view.ts";
import type { Output } from "./output.ts";
import { plainLogLine } from "./plain_text.ts";
import { stateText } from "./state_text.ts";
import { padText } from "./text_width.ts";
import { clockText, durationText, momentText } from "./time_text.ts";

/** A run with everything about it. */
export function showRun({ out, now }: CliContext, run: RunView): void {
  out.line(`${out.paint("bold", run.run_id)}  ${stateText(out, run.status)}`);
  out.fields([
    ["dag", `${run.dag_id} v${run.version}`],
    ["scope", scopeKey(run.scope)],
    ["worker", `${run.worker_id} on ${run.node_id}`],
    [
      "triggered",
      run.triggered_by + (run.confirmed_by ? `, confirmed by ${run.confirmed_by}` : ""),
    ],
    ["retry of", run.retry_of],
    ["created", momentText(run.created_at)],
    ["took", tookText(run, now())],
    ["tasks", `${run.completed_tasks} of ${run.total_tasks} completed`],
    ["waits", run.waiting?.message],
    ["error", run.error],
  ]);
  const rows = run.tasks.map((task) => [
    task.task_id,
    taskStateText(out, task),
    String(task.attempts.length),
    tookText(task, now()) ?? "",
    exitText(task),
    // The run's own error stands above already.
    task.error === run.error ? "" : task.error ?? "",
  ]);
  out.table(["TASK", "STATUS", "ATTEMPTS", "TOOK", "EXIT", "ERROR"], rows);
  for (const task of run.tasks) showLateResults(out, task);
  for (const decision of run.decisions) {
    out.line(`${out.paint("bold", "Decision")} about ${decision.task_id}: ${courseOf(decision)}`);
  }
  for (const debt of run.debts) {
    const state = debt.status === "open" ? "open" : `resolved by ${debt.resolved_by ?? "a retry"}`;
    out.line(`${out.paint("bold", "Debt")} of ${debt.task_id} (${debt.debt_id}): ${state}`);
  }
  showOutputs(out, run.tasks);
}

function showLateResults(out: Output, { task_id, attempts }: TaskView): void {
  for (const { attempt, status, late_result: late } of attempts) {
    if (!late) continue;
    const error = late.error === null ? "" : `: ${late.error}`;
    out.line(
      `${out.paint("bold", "Late result")} of ${task_id}, attempt ${attempt}: it was ${status} ` +
        `when its worker said at ${
          momentText(late.received_at)
        } that it had ${late.status}${error}`,
    );
  }
}

function taskStateText(out: Output, { status, rollback }: TaskView): string {
  const state = stateText(out, status);
  return rollback === null ? state : `${state}, rollback ${stateText(out, rollback)}`;
}

/** How a run ended, and what came out. */
export function showEnd({ out, now }: CliContext, run: RunView): void {
  const took = tookText(run, now());
  const count = `${run.completed_tasks} of ${run.total_tasks} tasks completed`;
  out.line(
    `${out.paint("bold", run.run_id)} ${stateText(out, run.status)}: ${count}` +
      (took ? ` in ${took}` : ""),
  );
  if (run.error) out.line(`  ${out.paint("red", run.error)}`);
  showOutputs(out, run.tasks);
}

/** What can be done about a run that didn't complete. */
export function showAdvice({ out, nodeFlags }: CliContext, run: RunView): void {
  if (run.status === "completed" || !isFinalRun(run.status)) return;
  const failed = run.tasks.find((task) => task.status === "failed");
  if (failed) {
    out.note(`Its output:  deno task run logs ${run.run_id} --task ${failed.task_id}${nodeFlags}`);
  }
  out.note(`Once more:   deno task run retry ${run.run_id}${nodeFlags}`);
}

/** What is told of while a run is watched. */
const SUBJECTS: readonly string[] = ["task", "run", "decision", "rollback", "debt"];

/** One thing that happened, on one line; undefined where it is not worth one. */
export function eventText(out: Output, event: EventView): string | undefined {
  const [subject, state = ""] = event.type.split(".");
  if (state === "pending" || state === "ready" || state === "queued") return undefined;
  if (!SUBJECTS.includes(subject ?? "")) return undefined;
  const what = subject === "run" ? "run" : event.task_id ?? "";
  const time = out.paint("dim", clockText(event.time));
  // Why a task was cancelled is why the run was, which its own event tells.
  const details = event.type === "task.cancelled" ? "" : eventDetails(event);
  const more = details === "" ? "" : `  ${out.paint("dim", details)}`;
  const kind = subject === "task" || subject === "run" ? "" : `${subject} `;
  return `${time}  ${out.paint("bold", what)}  ${kind}${stateText(out, state)}${more}`;
}

/** Writes lines of output: as documents, bare, or behind the name of their task. */
export function lineWriter(out: Output, options: { names: boolean }): (line: LogLineView) => void {
  let width = 0;
  return (line) => {
    if (out.json) return out.jsonLine(line);
    const text = plainLogLine(line.text);
    width = Math.max(width, line.task_id.length);
    const mark = line.stream === "stderr" ? out.paint("yellow", "!") : out.paint("dim", "|");
    out.line(options.names ? `${padText(line.task_id, width)} ${mark} ${text}` : text);
  };
}

function eventDetails({ data }: EventView): string {
  const { attempt, worker_id, exit_code, error, reason, by, question, decision_id } = data;
  const details = [
    typeof question === "string" && `${question} (${decision_id})`,
    typeof by === "string" && `by ${by}`,
    typeof attempt === "number" && attempt > 1 && `attempt ${attempt}`,
    typeof worker_id === "string" && `on ${worker_id}`,
    typeof exit_code === "number" && exit_code !== 0 && `exit code ${exit_code}`,
    typeof error === "string" && error,
    typeof reason === "string" && reason,
  ];
  return details.filter((detail) => typeof detail === "string" && detail !== "").join(", ");
}

function showOutputs(out: Output, tasks: readonly TaskView[]): void {
  const withOutputs = tasks.filter(({ outputs }) => outputs !== null && outputs !== undefined);
  if (withOutputs.length === 0) return;
  out.line(out.paint("bold", "Outputs"));
  for (const { task_id, outputs } of withOutputs) {
    const short = JSON.stringify(outputs);
    out.block(`${task_id}: ${short.length <= 80 ? short : JSON.stringify(outputs, null, 2)}`, "  ");
  }
}

function exitText(task: TaskView): string {
  const code = task.attempts.at(-1)?.exit_code ?? null;
  return code === null ? "" : String(code);
}

function tookText(
  times: { started_at: string | null; finished_at: string | null },
  now: number,
): string | null {
  if (times.started_at === null) return null;
  const end = times.finished_at === null ? now : Date.parse(times.finished_at);
  return durationText(end - Date.parse(times.started_at));
}
