/** How long a run takes. */
import { dataOf } from "../../lib/api/client.ts";
import { type NodeProcess, waitForEnd } from "../helpers/node_process.ts";

/** Time from the confirm to the end of a run that has to complete. */
export async function timeRun(node: NodeProcess, doc: unknown): Promise<number> {
  const published = dataOf(await node.client.publish({ doc }));
  const begun = performance.now();
  const { run_id } = dataOf(await node.client.confirm(published.dag_id, {}));
  const run = await waitForEnd(node.client, run_id, 120_000);
  if (run.status !== "completed") throw new Error(`the run ${run.status}: ${run.error}`);
  return performance.now() - begun;
}

/** The scope of most benchmarks. */
export const GLOBAL = { type: "global" };
