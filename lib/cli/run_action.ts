/** Says what a command did to a run. */
import type { CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { watchRun } from "./watch_run.ts";

/** The answer to whatever does something at once. */
export function showAction({ out }: CliContext, answer: { readonly message: string }): number {
  if (out.json) out.document(answer);
  else out.line(answer.message);
  return EXIT.done;
}

/** The answer of whatever started a run, and with `watch` the run to its end. */
export async function showStarted(
  context: CliContext,
  answer: { readonly run_id: string; readonly message: string },
  flags: { readonly watch?: boolean },
): Promise<number> {
  const { out } = context;
  if (out.json) {
    if (flags.watch) out.jsonLine(answer);
    else out.document(answer);
  } else {
    out.line(answer.message);
    if (!flags.watch) {
      out.note(`Follow it:  deno task run watch ${answer.run_id}${context.nodeFlags}`);
    }
  }
  return flags.watch ? await watchRun(context, answer.run_id) : EXIT.done;
}
