/** `deno task run …`: what was confirmed and how it went. */
import type { Command } from "commander";
import { dataOf, type RunFilter } from "../api/client.ts";
import type { LogPage, RunList } from "../schema/api.ts";
import { scopeKey } from "../schema/scope.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { followRun } from "./follow_run.ts";
import { countOption, type PageFlags, showMore } from "./list_page.ts";
import { addLogFlags, type LogFlags, logQueryOf } from "./log_flags.ts";
import { showLogPages } from "./log_pages.ts";
import { showAction, showStarted } from "./run_action.ts";
import { lineWriter, showRun } from "./run_view.ts";
import { stateText } from "./state_text.ts";
import { agoText } from "./time_text.ts";
import { watchRun } from "./watch_run.ts";

/** Adds `run` and its commands. */
export function addRunCommands(program: Command, bind: Bind): void {
  const run = program.command("run").description("List, watch, cancel and retry runs");
  run.command("list").description("Runs, newest first")
    .option("--status <status>", "only runs in this state, e.g. failed")
    .option("--dag <dag-id>", "only runs of this DAG")
    .option("--scope <scope>", "only runs of this scope, e.g. project:abc")
    .option("--since <time>", "only runs created since then: 2026-01-31T12:00Z or 2h")
    .option("-q, --query <text>", "only runs with this text in their id or DAG id")
    .option("--limit <count>", "at most so many", countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(bind(listRuns));
  run.command("show <run-id>").description("A run, its tasks, attempts and outputs")
    .action(bind(showRunById));
  run.command("watch <run-id>").description("Follow a run to its end; exits 1 if it fails")
    .action(bind((context, runId: string) => watchRun(context, runId)));
  addLogFlags(run.command("logs <run-id>").description("What a run's tasks wrote"))
    .option("--task <task-id>", "only this task, without its name before each line")
    .option("-f, --follow", "go on until the run ends")
    .option("--limit <count>", "one page of at most so many lines", countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(bind(showRunLogs));
  run.command("cancel <run-id>").description("End a run, or one task of it")
    .option("--task <task-id>", "only this task; the rest of the run goes on")
    .action(bind(cancelRun));
  run.command("retry <run-id>").description("Run again what an ended run did not complete")
    .option("--from-scratch", "run the completed tasks again too")
    .option("--task <task-id>", "run this task again and what depends on it")
    .option("--watch", "follow the new run to its end")
    .action(bind(retryRun));
  run.command("pause <run-id>").description("Start no more tasks of a run").action(bind(pauseRun));
  run.command("resume <run-id>").description("Go on with a paused run").action(bind(resumeRun));
}

interface RunListFlags extends Omit<RunFilter, "dagId" | "q"> {
  readonly dag?: string;
  readonly query?: string;
}

export async function listRuns(context: CliContext, flags: RunListFlags): Promise<number> {
  const { dag: dagId, query: q, status, scope, since, limit, cursor } = flags;
  const filter = { dagId, q, status, scope, since, limit, cursor };
  const page = dataOf(await context.client.listRuns(filter));
  if (context.out.json) context.out.document(page);
  else showRuns(context, page);
  return EXIT.done;
}

function showRuns({ out, now }: CliContext, page: RunList): void {
  if (page.runs.length === 0) return out.note("No runs.");
  const rows = page.runs.map((run) => [
    run.run_id,
    `${run.dag_id} v${run.version}`,
    stateText(out, run.status),
    `${run.completed_tasks}/${run.total_tasks}`,
    scopeKey(run.scope),
    agoText(run.created_at, now()),
    run.error ?? "",
  ]);
  out.table(["RUN", "DAG", "STATUS", "TASKS", "SCOPE", "CREATED", "ERROR"], rows);
  showMore(out, page.next_cursor);
}

export async function showRunById(context: CliContext, runId: string): Promise<number> {
  const run = dataOf(await context.client.getRun(runId));
  if (context.out.json) context.out.document(run);
  else showRun(context, run);
  return EXIT.done;
}

interface RunLogFlags extends PageFlags, LogFlags {
  readonly task?: string;
  readonly follow?: boolean;
}

export async function showRunLogs(
  context: CliContext,
  runId: string,
  flags: RunLogFlags,
): Promise<number> {
  const { client, out } = context;
  const { task: taskId } = flags;
  const query = logQueryOf(flags);
  const onLine = lineWriter(out, { names: taskId === undefined });
  if (flags.follow) {
    await followRun(client, runId, { taskId, query, onLine, onEvent: () => {} });
  } else {
    const read = async (page: PageFlags): Promise<LogPage> =>
      dataOf(await client.runLogs(runId, { ...query, taskId, ...page }));
    await showLogPages(out, flags, { read, onLine });
  }
  return EXIT.done;
}

export async function cancelRun(
  context: CliContext,
  runId: string,
  { task }: { readonly task?: string },
): Promise<number> {
  const { client } = context;
  const result = task === undefined
    ? await client.cancelRun(runId)
    : await client.cancelTask(runId, task);
  return showAction(context, dataOf<{ readonly message: string }>(result));
}

export async function pauseRun(context: CliContext, runId: string): Promise<number> {
  return showAction(context, dataOf(await context.client.pauseRun(runId)));
}

export async function resumeRun(context: CliContext, runId: string): Promise<number> {
  return showAction(context, dataOf(await context.client.resumeRun(runId)));
}

export async function retryRun(
  context: CliContext,
  runId: string,
  flags: { readonly fromScratch?: boolean; readonly task?: string; readonly watch?: boolean },
): Promise<number> {
  const task = flags.task === undefined ? {} : { task_id: flags.task };
  const body = { from_scratch: flags.fromScratch ?? false, ...task };
  const answer = dataOf(await context.client.retryRun(runId, body));
  return await showStarted(context, answer, flags);
}
