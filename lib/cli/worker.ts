/** `deno task worker …`: the processes that do the work. */
import type { Command } from "commander";
import { dataOf } from "../api/client.ts";
import type { LogPage, WorkerActionAnswer, WorkerList } from "../schema/api.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { countOption, type PageFlags, showMore } from "./list_page.ts";
import { addLogFlags, type LogFlags, logQueryOf } from "./log_flags.ts";
import { showLogPages } from "./log_pages.ts";
import { lineWriter } from "./run_view.ts";
import { stateText } from "./state_text.ts";
import { agoText } from "./time_text.ts";
import { memoryText, showWorkerDetail } from "./worker_detail.ts";
import { startWorker } from "./worker_start.ts";

/** Adds `worker` and its commands. */
export function addWorkerCommands(program: Command, bind: Bind): void {
  const worker = program.command("worker").description("Start, stop and inspect worker processes");
  worker.command("start").description("Run a scope's worker in this terminal until Ctrl-C")
    .option("--scope <scope>", "global, project:<id>, user:<id> or type:<type>")
    .option("--worker-id <id>", "default: follows from the scope")
    .option("--room <room>", "default: follows from worker and node")
    .option("--parent-node <node>", "default: the node that is asked")
    .option("--homeserver <url>", "for a node on another machine: where the room is")
    .option("--room-token-file <path>", "file with the room's token, as that node wrote it")
    .action(bind(startWorker));
  worker.command("stop <worker-id>").description("Let a worker finish its tasks and end it")
    .action(bind(stopWorker));
  worker.command("restart <worker-id>").description("End a worker and start it again")
    .action(bind(restartWorker));
  worker.command("status [worker-id]").description("All workers, or one with everything about it")
    .option("--limit <count>", "at most so many", countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(
      bind((context, workerId: string | undefined, flags: PageFlags) =>
        workerId === undefined ? listWorkers(context, flags) : showWorker(context, workerId)
      ),
    );
  addLogFlags(
    worker.command("logs <worker-id>").description("What a worker process itself wrote"),
  )
    .option("-f, --follow", "go on until Ctrl-C")
    .option("--limit <count>", "one page of at most so many lines", countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(bind(showWorkerLogs));
}

export async function listWorkers(context: CliContext, flags: PageFlags): Promise<number> {
  const page = dataOf(await context.client.workers(flags));
  if (context.out.json) context.out.document(page);
  else showWorkers(context, page);
  return EXIT.done;
}

function showWorkers({ out, now }: CliContext, page: WorkerList): void {
  if (page.workers.length === 0) {
    return out.note("No workers. The node starts one when a run needs it.");
  }
  const rows = page.workers.map((worker) => [
    worker.worker_id,
    stateText(out, worker.status),
    worker.pid === null ? "" : String(worker.pid),
    String(worker.active_tasks),
    memoryText(worker.rss),
    String(worker.restarts),
    worker.last_heartbeat === null ? "" : agoText(worker.last_heartbeat, now()),
    worker.waiting_for ?? worker.error ?? "",
  ]);
  const headings = [
    "WORKER",
    "STATUS",
    "PID",
    "TASKS",
    "MEMORY",
    "RESTARTS",
    "HEARTBEAT",
    "REASON",
  ];
  out.table(headings, rows);
  showMore(out, page.next_cursor);
}

export async function showWorker(context: CliContext, workerId: string): Promise<number> {
  const worker = dataOf(await context.client.worker(workerId));
  if (context.out.json) context.out.document(worker);
  else showWorkerDetail(context, worker);
  return EXIT.done;
}

export async function stopWorker(context: CliContext, workerId: string): Promise<number> {
  return showAnswer(context, dataOf(await context.client.stopWorker(workerId)));
}

export async function restartWorker(context: CliContext, workerId: string): Promise<number> {
  return showAnswer(context, dataOf(await context.client.restartWorker(workerId)));
}

function showAnswer({ out }: CliContext, answer: WorkerActionAnswer): number {
  if (out.json) out.document(answer);
  else out.line(answer.message);
  return EXIT.done;
}

export async function showWorkerLogs(
  context: CliContext,
  workerId: string,
  flags: PageFlags & LogFlags & { readonly follow?: boolean },
): Promise<number> {
  const { client, out } = context;
  const query = logQueryOf(flags);
  const onLine = lineWriter(out, { names: false });
  if (flags.follow) {
    for await (const line of client.followWorkerLogs(workerId, query)) onLine(line);
  } else {
    const read = async (page: PageFlags): Promise<LogPage> =>
      dataOf(await client.workerLogs(workerId, { ...query, ...page }));
    await showLogPages(out, flags, { read, onLine });
  }
  return EXIT.done;
}
