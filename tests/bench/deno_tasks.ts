/** `deno` tasks beside a Deno process alone. */
import type { NodeProcess } from "../helpers/node_process.ts";
import { ms, note, percentile } from "./table.ts";
import { GLOBAL, timeRun } from "./time_run.ts";

const CHAIN = 20;
const ROUNDS = 3;

/** Measures them, one after the other. */
export async function benchDenoTasks(node: NodeProcess): Promise<void> {
  const tasks: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let n = 0; n < CHAIN; n++) {
      const begun = performance.now();
      await new Deno.Command(Deno.execPath(), { args: ["eval", "0"] }).output();
      alone.push(performance.now() - begun);
    }
    const elapsed = await timeRun(node, {
      dag_id: `deno-${round}`,
      scope: GLOBAL,
      max_parallel: 1,
      tasks: Array.from({ length: CHAIN }, (_, n) => ({
        id: `t${n}`,
        type: "deno",
        script: "export default () => 1;",
      })),
    });
    tasks.push(elapsed / CHAIN);
  }
  note("deno task, one after the other, p50 of 3 × 20", ms(percentile(tasks, 0.5)));
  note("deno eval 0, p50 of 60", ms(percentile(alone, 0.5)));
}
