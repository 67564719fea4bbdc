/** Flags of all commands that show output: which lines. */
import { type Command, Option } from "commander";
import type { LogQuery } from "../schema/log_query.ts";
import { countOption } from "./list_page.ts";

/** Flags as they are given. */
export interface LogFlags extends Omit<LogQuery, "q"> {
  readonly query?: string;
}

/** Adds the flags to a command. */
export function addLogFlags(command: Command): Command {
  return command
    .addOption(new Option("--stream <stream>", "only this stream").choices(["stdout", "stderr"]))
    .option("--since <time>", "only lines written since then: 2026-01-31T12:00Z or 2h")
    .option("--until <time>", "only lines written before then")
    .option("-q, --query <text>", "only lines with this text; upper or lower case is the same")
    .option("--attempt <number>", "only this attempt of each task", countOption);
}

/** What the flags ask the node for. */
export function logQueryOf({ query: q, attempt, stream, since, until }: LogFlags): LogQuery {
  return { q, attempt, stream, since, until };
}
