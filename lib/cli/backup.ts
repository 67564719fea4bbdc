/** `deno task backup <file>`: a sound copy of the node's database, while it runs. */
import type { Command } from "commander";
import { dataOf } from "../api/client.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { UsageError } from "./usage_error.ts";

/** Adds `backup`. */
export function addBackupCommand(program: Command, bind: Bind): void {
  program.command("backup [file]").description("Copy the node's database, while it runs")
    .action(bind(backUp));
}

/** @throws {UsageError} when there is such a file already */
export async function backUp(context: CliContext, file: string | undefined): Promise<number> {
  const { client, out } = context;
  if (file !== undefined && context.fileExists(file)) {
    throw new UsageError(`${file} is there already; name a new file`);
  }
  const answer = dataOf(await client.backup());
  const path = file === undefined ? answer.path : moved(context, answer.path, file);
  if (out.json) out.document({ ...answer, path });
  else out.line(`${answer.node_id}: a copy of ${answer.bytes} bytes, checked, is in ${path}`);
  return EXIT.done;
}

/** Where the copy is in the end: with a node on another machine it stays there. */
function moved({ moveFile, out }: CliContext, from: string, to: string): string {
  if (moveFile(from, to)) return to;
  out.note("The node is on another machine, or its directory is another's: the copy stays there.");
  return from;
}
