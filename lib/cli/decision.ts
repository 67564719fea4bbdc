/** `deno task decision …`: what tasks ask before they start, and the answers. */
import type { Command } from "commander";
import { dataOf, type OpenFilter } from "../api/client.ts";
import type { DecisionList } from "../schema/decision.ts";
import type { Bind, CliContext } from "./context.ts";
import { leftText, showDecision } from "./decision_view.ts";
import { EXIT } from "./exit_code.ts";
import { countOption, showMore } from "./list_page.ts";
import { showAction } from "./run_action.ts";
import { stateText } from "./state_text.ts";
import { UsageError } from "./usage_error.ts";

/** Adds `decision` and its commands. */
export function addDecisionCommands(program: Command, bind: Bind): void {
  const decision = program.command("decision")
    .description("Decide about tasks that wait for a person");
  decision.command("list").description("What is asked; all that ever was with --all")
    .option("--status <status>", "only those in this state; open unless said otherwise")
    .option("--all", "in every state")
    .option("--run <run-id>", "only those of this run")
    .option("--limit <count>", "at most so many", countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(bind(listDecisions));
  decision.command("show <decision-id>").description("One decision with its votes")
    .action(bind(showDecisionById));
  decision.command("approve <decision-id>").description("Let the task start")
    .option("--reason <text>", "why, for the run's history")
    .action(
      bind((context, id: string, flags: ReasonFlag) =>
        decide(context, { id, ...flags }, "approve")
      ),
    );
  decision.command("reject <decision-id>").description("Don't let the task start")
    .option("--reason <text>", "why, for the run's history")
    .action(
      bind((context, id: string, flags: ReasonFlag) => decide(context, { id, ...flags }, "reject")),
    );
  decision.command("vote <decision-id>").description("Vote for a task to start, as a stakeholder")
    .option("--against", "vote against it")
    .option("--reason <text>", "why, for the run's history")
    .action(bind(voteOnDecision));
}

interface ReasonFlag {
  readonly reason?: string;
}

interface DecisionListFlags extends OpenFilter {
  readonly all?: boolean;
}

export async function listDecisions(
  context: CliContext,
  flags: DecisionListFlags,
): Promise<number> {
  const { all, status = all ? undefined : "open", run, limit, cursor } = flags;
  const page = dataOf(await context.client.decisions({ status, run, limit, cursor }));
  if (context.out.json) context.out.document(page);
  else showDecisions(context, page);
  return EXIT.done;
}

function showDecisions({ out, now }: CliContext, page: DecisionList): void {
  if (page.decisions.length === 0) return out.note("No decisions.");
  const rows = page.decisions.map((decision) => [
    decision.decision_id,
    `${decision.dag_id} v${decision.version}`,
    decision.task_id,
    decision.kind,
    stateText(out, decision.status),
    decision.status === "open" ? leftText(decision, now()) : "",
    decision.decided_by ?? "",
  ]);
  out.table(["DECISION", "DAG", "TASK", "LEVEL", "STATUS", "TIME LEFT", "BY"], rows);
  showMore(out, page.next_cursor);
}

export async function showDecisionById(context: CliContext, id: string): Promise<number> {
  const decision = dataOf(await context.client.decision(id));
  if (context.out.json) context.out.document(decision);
  else showDecision(context, decision);
  return EXIT.done;
}

async function decide(
  context: CliContext,
  { id, reason }: { readonly id: string; readonly reason?: string },
  answer: "approve" | "reject",
): Promise<number> {
  const body = reason === undefined ? {} : { reason: requireText(reason) };
  return showAction(context, dataOf(await context.client.decide(id, answer, body)));
}

export async function voteOnDecision(
  context: CliContext,
  id: string,
  { against, reason }: ReasonFlag & { readonly against?: boolean },
): Promise<number> {
  const vote = against ? "reject" : "approve";
  const body = reason === undefined
    ? { vote } as const
    : { vote, reason: requireText(reason) } as const;
  return showAction(context, dataOf(await context.client.vote(id, body)));
}

function requireText(reason: string): string {
  if (reason.trim() !== "") return reason;
  throw new UsageError("The reason is empty", "Give --reason <text>, or leave it out");
}
