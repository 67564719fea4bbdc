/** `deno task dag …`: from a file to a confirmed version. */
import type { Command } from "commander";
import { dataOf } from "../api/client.ts";
import type { DagList, PendingList, PublishAnswer, VersionList } from "../schema/api.ts";
import { scopeKey } from "../schema/scope.ts";
import type { Bind, CliContext } from "./context.ts";
import { readDagSource } from "./dag_source.ts";
import { expiryText, showPublished, showVersion } from "./dag_view.ts";
import { confirmDag, type ConfirmFlags, rejectDag, type RejectFlags } from "./decide.ts";
import { EXIT } from "./exit_code.ts";
import { countOption, type PageFlags, showMore } from "./list_page.ts";
import { showStarted } from "./run_action.ts";
import { addScheduleCommand } from "./schedule.ts";
import { stateText } from "./state_text.ts";
import { agoText, durationText } from "./time_text.ts";
import { showTree } from "./tree_view.ts";

/** Adds `dag` and its commands. */
export function addDagCommands(program: Command, bind: Bind): void {
  const dag = program.command("dag")
    .description("Validate, publish, confirm, reject and inspect DAGs");
  dag.command("validate <file>").description("Check a file (-: stdin); nothing is stored")
    .action(bind(validateDag));
  dag.command("publish <file>")
    .description("Publish a file (-: stdin) as a version that waits for confirmation")
    .action(bind(publishDag));
  dag.command("confirm <dag-id> [hash]")
    .description("Run the version that waits; asks first, unless its hash is given")
    .option("-y, --yes", "don't ask")
    .option("--watch", "follow the run to its end; exits 1 if it fails")
    .action(
      bind((context, dagId: string, hash: string | undefined, flags: ConfirmFlags) =>
        confirmDag(context, dagId, { ...flags, hash })
      ),
    );
  dag.command("reject <dag-id> [hash]").description("Refuse the version that waits")
    .option("-r, --reason <text>", "why, for whoever published it")
    .action(
      bind((context, dagId: string, hash: string | undefined, flags: RejectFlags) =>
        rejectDag(context, dagId, { ...flags, hash })
      ),
    );
  dag.command("pending").description("What waits for a confirmation").action(bind(listPending));
  dag.command("list").description("All DAGs with their newest version and last run")
    .option("--limit <count>", "at most so many", countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(bind(listDags));
  dag.command("show <dag-id>").description("One version: tasks, permissions, what became of it")
    .option("--version <number>", "this version instead of the newest", countOption)
    .action(bind(showDag));
  dag.command("versions <dag-id>").description("All versions of a DAG")
    .option("--limit <count>", "at most so many", countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(bind(listVersions));
  dag.command("diff <dag-id>").description("What differs between two versions")
    .argument("[from]", "default: the version before the newest", countOption)
    .argument("[to]", "default: the newest version", countOption)
    .action(
      bind((context, dagId: string, from?: number, to?: number) =>
        diffDag(context, dagId, { from, to })
      ),
    );
  dag.command("status <dag-id>").description("How a DAG and its last run stand")
    .action(bind(showStatus));
  dag.command("run <dag-id>").description("Run the confirmed version once more")
    .option("--watch", "follow the run to its end; exits 1 if it fails")
    .action(bind(runDag));
  addScheduleCommand(dag, bind);
  dag.command("analyze <dag-id>").description("What blocks a DAG, why, and what to do")
    .action(bind(analyzeDag));
}

export async function validateDag(context: CliContext, file: string): Promise<number> {
  const { client, out } = context;
  const answer = dataOf(await client.validate(await readDagSource(context, file)));
  if (out.json) out.document(answer);
  else {
    out.line(`${out.paint("green", "Valid:")} ${answer.dag_id} would become v${answer.version}`);
    showPublished(out, answer);
  }
  return EXIT.done;
}

export async function publishDag(context: CliContext, file: string): Promise<number> {
  const { client, out } = context;
  const answer = dataOf(await client.publish(await readDagSource(context, file)));
  if (out.json) out.document(answer);
  else showWaiting(context, answer);
  return EXIT.done;
}

function showWaiting({ out, now, nodeFlags }: CliContext, answer: PublishAnswer): void {
  const name = out.paint("bold", `${answer.dag_id} v${answer.version}`);
  const published = out.paint("green", "Published");
  out.line(`${published} ${name}: nothing runs until somebody confirms it`);
  showPublished(out, answer);
  const left = answer.expires_at === null
    ? durationText(answer.expire_sec * 1_000)
    : expiryText(answer.expires_at, now());
  out.line(out.paint("bold", "Next"));
  out.line(`  deno task dag confirm ${answer.dag_id} ${answer.spec_hash}${nodeFlags}`);
  out.fields([["or on the page", answer.dashboard_url], ["before", left]]);
}

export async function listPending(context: CliContext): Promise<number> {
  const list = dataOf(await context.client.pending());
  if (context.out.json) context.out.document(list);
  else showPending(context, list);
  return EXIT.done;
}

function showPending({ out, nodeFlags }: CliContext, { pending }: PendingList): void {
  if (pending.length === 0) return out.note("Nothing waits for a confirmation.");
  const rows = pending.map((view) => [
    `${view.dag_id} v${view.version}`,
    scopeKey(view.scope),
    String(view.tasks_count),
    view.published_by,
    durationText(view.expires_in_sec * 1_000),
    view.spec_hash,
  ]);
  out.table(["DAG", "SCOPE", "TASKS", "PUBLISHED BY", "TIME LEFT", "HASH"], rows);
  out.note(`Look at one and decide:  deno task dag confirm ${pending[0]?.dag_id}${nodeFlags}`);
}

export async function listDags(
  context: CliContext,
  { limit, cursor }: PageFlags,
): Promise<number> {
  const page = dataOf(await context.client.listDags({ limit, cursor }));
  if (context.out.json) context.out.document(page);
  else showDags(context, page);
  return EXIT.done;
}

function showDags({ out, now }: CliContext, page: DagList): void {
  if (page.dags.length === 0) {
    return out.note("No DAGs. Publish one:  deno task dag publish <file>");
  }
  const rows = page.dags.map((dag) => [
    dag.dag_id,
    `v${dag.version}`,
    stateText(out, dag.status),
    scopeKey(dag.scope),
    dag.last_run === null
      ? ""
      : `${stateText(out, dag.last_run.status)} ${agoText(dag.last_run.created_at, now())}`,
    agoText(dag.published_at, now()),
  ]);
  out.table(["DAG", "VERSION", "STATUS", "SCOPE", "LAST RUN", "PUBLISHED"], rows);
  showMore(out, page.next_cursor);
}

export async function showDag(
  context: CliContext,
  dagId: string,
  flags: { readonly version?: number },
): Promise<number> {
  const view = dataOf(await context.client.getDag(dagId, { version: flags.version }));
  if (context.out.json) context.out.document(view);
  else showVersion(context.out, view, context.now());
  return EXIT.done;
}

export async function listVersions(
  context: CliContext,
  dagId: string,
  { limit, cursor }: PageFlags,
): Promise<number> {
  const page = dataOf(await context.client.versions(dagId, { limit, cursor }));
  if (context.out.json) context.out.document(page);
  else showVersions(context, page);
  return EXIT.done;
}

function showVersions({ out, now }: CliContext, page: VersionList): void {
  const rows = page.versions.map((view) => [
    `v${view.version}`,
    stateText(out, view.status),
    agoText(view.published_at, now()),
    view.published_by,
    view.spec_hash.slice(0, 12),
    view.reason ?? view.run_id ?? "",
  ]);
  out.table(["VERSION", "STATUS", "PUBLISHED", "BY", "HASH", "RUN OR REASON"], rows);
  showMore(out, page.next_cursor);
}

export async function diffDag(
  context: CliContext,
  dagId: string,
  versions: { readonly from?: number; readonly to?: number } = {},
): Promise<number> {
  const answer = dataOf(await context.client.diff(dagId, versions));
  if (context.out.json) context.out.document(answer);
  else showTree(context.out, answer);
  return EXIT.done;
}

export async function showStatus(context: CliContext, dagId: string): Promise<number> {
  const { client, out } = context;
  const status = dataOf(await client.status(dagId));
  if (out.json) {
    out.document(status);
    return EXIT.done;
  }
  const { version, version_status, last_run: run } = status;
  out.line(`${out.paint("bold", dagId)} v${version}  ${stateText(out, version_status)}`);
  const waiting = version_status === "waiting_confirmation";
  out.fields([
    ["reason", status.reason],
    ["expires", waiting ? expiryText(status.expires_at, context.now()) : null],
    ["last run", run && `${run.run_id}  ${stateText(out, run.status)}`],
    ["created", run && agoText(run.created_at, context.now())],
    ["tasks", run && `${status.completed_tasks} of ${status.total_tasks} completed`],
    ["error", run?.error],
  ]);
  return EXIT.done;
}

export async function runDag(
  context: CliContext,
  dagId: string,
  flags: { readonly watch?: boolean },
): Promise<number> {
  return await showStarted(context, dataOf(await context.client.runDag(dagId)), flags);
}

export async function analyzeDag(context: CliContext, dagId: string): Promise<number> {
  const answer = dataOf(await context.client.analyze(dagId));
  if (context.out.json) context.out.document(answer);
  else showTree(context.out, answer);
  return EXIT.done;
}
