/** `deno task doctor`: whether node and machine are as they should be. */
import type { Command } from "commander";
import { dataOf } from "../api/client.ts";
import type { DoctorAnswer } from "../schema/machine_view.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";

/** Adds the command. */
export function addDoctorCommand(program: Command, bind: Bind): void {
  program.command("doctor")
    .description("Check the node, its database and what the machine can hold tasks to")
    .action(bind((context) => examine(context)));
}

async function examine(context: CliContext): Promise<number> {
  const answer = dataOf(await context.client.doctor());
  if (context.out.json) context.out.document(answer);
  else show(context, answer);
  return answer.checks.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.done;
}

const MARKS = {
  ok: ["green", "ok"],
  warning: ["yellow", "warning"],
  failed: ["red", "failed"],
} as const;

function show({ out }: CliContext, { node_id, version, checks, limits }: DoctorAnswer): void {
  out.line(`node ${node_id}, version ${version}`);
  for (const { name, status, detail, advice } of checks) {
    const [color, word] = MARKS[status];
    out.line(`${out.paint(color, word.padEnd(8))} ${name}: ${detail}`);
    if (advice !== null) out.line(`         ${advice}`);
  }
  out.line("");
  out.table(
    ["LIMIT", "HELD BY", "NOTE"],
    limits.map(({ what, by, note }) => [what.replace("_", " "), by ?? "nothing", note ?? ""]),
  );
}
