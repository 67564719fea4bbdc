/** `deno task logs …`: what all tasks and workers wrote. */
import type { Command } from "commander";
import { dataOf } from "../api/client.ts";
import type { FoundLogLine } from "../schema/log_search_page.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { countOption, type PageFlags, showMore } from "./list_page.ts";
import { addLogFlags, type LogFlags, logQueryOf } from "./log_flags.ts";
import type { Output } from "./output.ts";
import { plainLogLine } from "./plain_text.ts";
import { momentText } from "./time_text.ts";

/** How many lines are looked for without `--limit`. */
const USUAL_LIMIT = 100;

/** Adds `logs` and its commands. */
export function addLogCommands(program: Command, bind: Bind): void {
  const logs = program.command("logs").description("Search what tasks and workers wrote");
  const search = logs.command("search [text]")
    .description("Lines with a text, the newest first, over all runs and workers")
    .option("--run <run-id>", "only lines of this run")
    .option("--task <task-id>", "only lines of tasks with this id")
    .option("--worker <worker-id>", "only what came from this worker, its own lines included");
  addLogFlags(search)
    .option("--limit <count>", `at most so many lines (default ${USUAL_LIMIT})`, countOption)
    .option("--cursor <cursor>", "go on after an earlier page")
    .action(bind(searchLogs));
}

interface SearchFlags extends LogFlags, PageFlags {
  readonly run?: string;
  readonly task?: string;
  readonly worker?: string;
}

/** For people, asks on until there are enough lines; for programs, once. */
export async function searchLogs(
  { client, out }: CliContext,
  text: string | undefined,
  flags: SearchFlags,
): Promise<number> {
  const { run, task, worker, limit = USUAL_LIMIT } = flags;
  const query = { ...logQueryOf(flags), run, task, worker };
  const q = text ?? query.q;
  let left = limit;
  let { cursor } = flags;
  do {
    const page = dataOf(
      await client.searchLogs({ ...query, q, limit: Math.min(left, 1000), cursor }),
    );
    if (out.json) {
      out.document(page);
      return EXIT.done;
    }
    for (const line of page.lines) out.line(lineText(out, line));
    left -= page.count;
    cursor = page.next_cursor ?? undefined;
  } while (left > 0 && cursor !== undefined);
  if (left === limit) out.note("No such lines.");
  showMore(out, cursor ?? null);
  return EXIT.done;
}

function lineText(out: Output, line: FoundLogLine): string {
  const from = line.run_id === null
    ? line.worker_id
    : `${line.run_id} ${line.task_id}${line.attempt > 1 ? ` (attempt ${line.attempt})` : ""}`;
  const mark = line.stream === "stderr" ? out.paint("yellow", "!") : out.paint("dim", "|");
  const time = out.paint("dim", momentText(line.time));
  return `${time}  ${out.paint("bold", from)} ${mark} ${plainLogLine(line.text)}`;
}
