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

/** How often it is looked whether a run has ended that nobody watches. */
const LOOK_MS = 100;

/**
 * The same where nobody follows the run meanwhile, by when the node says that it ended: who follows
 * takes from the tasks, and what they are compared with isn't followed either.
 */
export async function timeUnwatched(node: NodeProcess, doc: unknown): Promise<number> {
  const { dag_id } = dataOf(await node.client.publish({ doc }));
  const begun = Date.now();
  await node.client.confirm(dag_id, {});
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const [run] = dataOf(await node.client.listRuns({ dagId: dag_id, limit: 1 })).runs;
    if (run === undefined || run.finished_at === null) continue;
    if (run.status !== "completed") throw new Error(`the run ${run.status}: ${run.error}`);
    return Date.parse(run.finished_at) - begun;
  }
}

/** The scope of most benchmarks. */
export const GLOBAL = { type: "global" };
