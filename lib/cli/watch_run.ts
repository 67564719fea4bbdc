/** Shows a run while it runs. */
import { dataOf } from "../api/client.ts";
import type { EventView } from "../schema/api.ts";
import { isFinalRun } from "../schema/states.ts";
import type { CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { followRun } from "./follow_run.ts";
import type { Output } from "./output.ts";
import { eventText, lineWriter, showAdvice, showEnd } from "./run_view.ts";

/**
 * Writes what happens in a run until its end, then how it ended.
 * @param options `advice: false` where there is no node left to follow it on
 * @returns 0 when it completed, 1 otherwise
 */
export async function watchRun(
  context: CliContext,
  runId: string,
  options: { readonly advice?: boolean } = {},
): Promise<number> {
  const { client, out } = context;
  const before = dataOf(await client.getRun(runId));
  if (!isFinalRun(before.status)) {
    if (!out.json) out.line(`${out.paint("bold", runId)} of ${before.dag_id} v${before.version}`);
    const onEvent = eventWriter(out);
    await followRun(client, runId, { onEvent, onLine: lineWriter(out, { names: true }) });
  }
  const run = dataOf(await client.getRun(runId));
  if (out.json) out.jsonLine(run);
  else {
    showEnd(context, run);
    if (options.advice !== false) showAdvice(context, run);
  }
  return run.status === "completed" ? EXIT.done : EXIT.failed;
}

function eventWriter(out: Output): (event: EventView) => void {
  return (event) => {
    if (out.json) return out.jsonLine(event);
    const text = eventText(out, event);
    if (text !== undefined) out.line(text);
  };
}
