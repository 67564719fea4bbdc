/** From a yes to the first task. */
import { dataOf } from "../../lib/api/client.ts";
import { type NodeProcess, waitForEnd } from "../helpers/node_process.ts";
import { ms, note, percentile } from "./table.ts";

/** From the confirm's request to the event that the first task runs. */
async function confirmToRunning(node: NodeProcess, dagId: string, scope: unknown): Promise<number> {
  const doc = { dag_id: dagId, scope, tasks: [{ id: "a", type: "noop" }] };
  const { spec_hash } = dataOf(await node.client.publish({ doc }));
  const abort = new AbortController();
  const running = (async () => {
    for await (const event of node.client.followEvents({ signal: abort.signal })) {
      if (event.type === "task.running" && event.dag_id === dagId) return performance.now();
    }
    return NaN;
  })();
  await new Promise((resolve) => setTimeout(resolve, 20)); // the stream is open by then
  const begun = performance.now();
  const { run_id } = dataOf(await node.client.confirm(dagId, { spec_hash }));
  const elapsed = (await running) - begun;
  abort.abort();
  await waitForEnd(node.client, run_id);
  return elapsed;
}

/** Measures it with a cold and with a warm worker. */
export async function benchConfirm(node: NodeProcess): Promise<void> {
  const cold: number[] = [];
  for (let round = 0; round < 5; round++) {
    cold.push(
      await confirmToRunning(node, `cold-${round}`, { type: "project", project_id: `c${round}` }),
    );
  }
  const warm: number[] = [];
  for (let round = 0; round < 50; round++) {
    warm.push(await confirmToRunning(node, `warm-${round}`, { type: "project", project_id: "c0" }));
  }
  note("confirm → task running, cold worker, p50 of 5", ms(percentile(cold, 0.5)), "< 200 ms");
  note("confirm → task running, warm worker, p50 of 50", ms(percentile(warm, 0.5)), "< 5 ms");
  note("confirm → task running, warm worker, p95 of 50", ms(percentile(warm, 0.95)));
}
