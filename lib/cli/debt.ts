/** `deno task debt …`: failures that were allowed to pass, and what was done about them. */
import type { Command } from "commander";
import { dataOf, type OpenFilter } from "../api/client.ts";
import type { DebtList } from "../schema/debt.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { countOption, showMore } from "./list_page.ts";
import { showAction, showStarted } from "./run_action.ts";
import { stateText } from "./state_text.ts";
import { agoText } from "./time_text.ts";

/** Adds `debt` and its commands. */
export function addDebtCommands(program: Command, bind: Bind): void {
  const debt = program.command("debt")
    .description("List and settle failures that were allowed to pass");
  debt.command("list").description("Open debts; all that ever were with --all")
    .option("--status <status>", "only those in this state; open unless said otherwise")
    .option("--all", "in every state")
    .option("--run <run-id>", "only those of this run")
    .option("--dag <dag-id>", "only those of this DAG")
    .option("--limit <count>", "at most so many", countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(bind(listDebts));
  debt.command("resolve <debt-id>").description("Settle a debt")
    .requiredOption("--reason <text>", "how it was settled")
    .option("--resume", "run its task again, in a new run that keeps everything else")
    .option("--watch", "follow that run to its end")
    .action(bind(resolveDebt));
}

interface DebtListFlags extends OpenFilter {
  readonly all?: boolean;
  readonly dag?: string;
}

export async function listDebts(context: CliContext, flags: DebtListFlags): Promise<number> {
  const { all, status = all ? undefined : "open", run, dag: dagId, limit, cursor } = flags;
  const page = dataOf(await context.client.debts({ status, run, dagId, limit, cursor }));
  if (context.out.json) context.out.document(page);
  else showDebts(context, page);
  return EXIT.done;
}

function showDebts({ out, now }: CliContext, page: DebtList): void {
  if (page.debts.length === 0) return out.note("No debts.");
  const rows = page.debts.map((debt) => [
    debt.debt_id,
    debt.run_id,
    debt.task_id,
    stateText(out, debt.status),
    agoText(debt.created_at, now()),
    debt.status === "open" ? debt.error ?? "" : debt.reason ?? "",
  ]);
  out.table(["DEBT", "RUN", "TASK", "STATUS", "SINCE", "WHY"], rows);
  showMore(out, page.next_cursor);
}

export async function resolveDebt(
  context: CliContext,
  debtId: string,
  flags: { readonly reason: string; readonly resume?: boolean; readonly watch?: boolean },
): Promise<number> {
  const { reason, resume = false, watch } = flags;
  const answer = dataOf(await context.client.resolveDebt(debtId, { reason, resume }));
  if (answer.run_id === null) return showAction(context, answer);
  const started = { ...answer, run_id: answer.run_id };
  return await showStarted(context, started, watch === undefined ? {} : { watch });
}
