/** Shell tasks beside the bare command. */
import type { NodeProcess } from "../helpers/node_process.ts";
import { note, percentile, perSecond } from "./table.ts";
import { GLOBAL, timeRun } from "./time_run.ts";

const SHELL_TASKS = 1000;
const SHELL_PARALLEL = 8;

async function timeXargs(): Promise<number> {
  const begun = performance.now();
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", `seq ${SHELL_TASKS} | xargs -P ${SHELL_PARALLEL} -n 1 /bin/sh -c true`],
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error("xargs failed");
  return performance.now() - begun;
}

/** Measures them. */
export async function benchShell(node: NodeProcess): Promise<void> {
  const ours: number[] = [];
  const xargs: number[] = [];
  for (let round = 0; round < 4; round++) {
    xargs.push(await timeXargs());
    const elapsed = await timeRun(node, {
      dag_id: `shell-${round}`,
      scope: GLOBAL,
      max_parallel: SHELL_PARALLEL,
      tasks: Array.from({ length: SHELL_TASKS }, (_, n) => ({
        id: `t${n}`,
        type: "shell",
        command: "true",
      })),
    });
    if (round > 0) ours.push(elapsed);
  }
  const [own, theirs] = [percentile(ours, 0.5), percentile(xargs, 0.5)];
  note("shell `true`, 8 at once, p50 of 3", perSecond(SHELL_TASKS, own));
  note("xargs -P 8 -n 1 /bin/sh -c true, p50 of 4", perSecond(SHELL_TASKS, theirs));
  note("shell ÷ xargs", (theirs / own).toFixed(2), "≥ 0.7");
}
