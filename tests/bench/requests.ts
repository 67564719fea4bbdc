/** Many requests at once. */
import { dataOf } from "../../lib/api/client.ts";
import type { NodeProcess } from "../helpers/node_process.ts";
import { note, perSecond } from "./table.ts";
import { GLOBAL } from "./time_run.ts";

/** Measures publish and confirm. */
export async function benchRequests(node: NodeProcess): Promise<void> {
  const count = 1000;
  const ids = Array.from({ length: count }, (_, n) => `request-${n}`);
  const doc = (dag_id: string): unknown => ({
    dag_id,
    scope: GLOBAL,
    tasks: [{ id: "a", type: "noop" }],
  });
  let begun = performance.now();
  await eachConcurrently(
    ids,
    32,
    async (id) => void dataOf(await node.client.publish({ doc: doc(id) })),
  );
  note("publish, 32 at once", perSecond(count, performance.now() - begun));
  begun = performance.now();
  await eachConcurrently(ids, 32, async (id) => void dataOf(await node.client.confirm(id, {})));
  note("confirm (each begins a run), 32 at once", perSecond(count, performance.now() - begun));
}

async function eachConcurrently<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  await Promise.all(Array.from({ length: width }, async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  }));
}
