/** Tasks that do nothing: what the node itself costs. */
import type { NodeProcess } from "../helpers/node_process.ts";
import { ms, note, percentile, perSecond } from "./table.ts";
import { GLOBAL, timeRun } from "./time_run.ts";

/** Tasks that may all run at once. */
export const wide = (dag_id: string, count: number): unknown => ({
  dag_id,
  scope: GLOBAL,
  max_parallel: 1000,
  tasks: Array.from({ length: count }, (_, n) => ({ id: `t${n}`, type: "noop" })),
});

/** A chain of tasks. */
export const deep = (dag_id: string, count: number): unknown => ({
  dag_id,
  scope: GLOBAL,
  tasks: Array.from({ length: count }, (_, n) => ({
    id: `t${n}`,
    type: "noop",
    depends_on: n === 0 ? [] : [`t${n - 1}`],
  })),
});

/** Measures wide and deep runs. */
export async function benchNoops(node: NodeProcess): Promise<void> {
  await timeRun(node, wide("noop-warm-up", 1000));
  const wides: number[] = [];
  const deeps: number[] = [];
  const chains: number[] = [];
  for (let round = 0; round < 5; round++) {
    wides.push(await timeRun(node, wide(`noop-wide-${round}`, 1000)));
    deeps.push(await timeRun(node, deep(`noop-deep-${round}`, 1000)));
    chains.push(await timeRun(node, deep(`noop-chain-${round}`, 40)));
  }
  note("noop, 1,000 wide, p50 of 5", perSecond(1000, percentile(wides, 0.5)), "> 3,000 /s");
  note("noop, 1,000 deep, p50 of 5", perSecond(1000, percentile(deeps, 0.5)));
  note("noop, chain of 40, p50 of 5", ms(percentile(chains, 0.5)), "< 100 ms");
}
