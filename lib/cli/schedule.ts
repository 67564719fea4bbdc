/** `deno task dag schedule`: when a DAG starts by itself, and switching that on and off. */
import type { Command } from "commander";
import { dataOf } from "../api/client.ts";
import type { ScheduleAnswer } from "../schema/schedule_view.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { momentText } from "./time_text.ts";
import { UsageError } from "./usage_error.ts";

/** Flags of `dag schedule`. */
export interface ScheduleFlags {
  readonly on?: boolean;
  readonly off?: boolean;
}

/** Adds `schedule` to `dag`. */
export function addScheduleCommand(dag: Command, bind: Bind): void {
  dag.command("schedule <dag-id>").description("When a DAG starts by itself")
    .option("--on", "switch it on")
    .option("--off", "switch it off; nothing is missed meanwhile")
    .action(bind(showSchedule));
}

export async function showSchedule(
  context: CliContext,
  dagId: string,
  { on, off }: ScheduleFlags,
): Promise<number> {
  const { client, out } = context;
  if (on && off) throw new UsageError("Give --on or --off, not both");
  const answer = dataOf(
    on || off
      ? await client.setSchedule(dagId, { enabled: on === true })
      : await client.schedule(dagId),
  );
  if (out.json) out.document(answer);
  else show(context, answer);
  return EXIT.done;
}

function show({ out }: CliContext, { dag_id, version, schedule, times }: ScheduleAnswer): void {
  if (schedule === null) out.note(`No confirmed version of ${dag_id} has a schedule.`);
  else {
    out.line(`${out.paint("bold", dag_id)} v${version}  ${schedule.enabled ? "on" : "off"}`);
    out.fields([
      ["schedule", `${schedule.cron} (${schedule.timezone})`],
      ["overlap", schedule.overlap],
      ["catch up", schedule.catch_up],
      ["next runs", schedule.next_runs.map(momentText).join(", ") || null],
    ]);
  }
  if (times.length === 0) return;
  const rows = times.map((time) => [
    momentText(time.scheduled_at),
    time.outcome,
    time.run_id ?? time.reason ?? "",
  ]);
  out.table(["TIME", "OUTCOME", "RUN"], rows);
}
