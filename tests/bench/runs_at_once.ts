/** A thousand runs that are open at the same time. */
import { dataOf } from "../../lib/api/client.ts";
import { type NodeProcess, waitForEnd } from "../helpers/node_process.ts";
import { residentBytes } from "./memory.ts";
import { mb, ms, note, perSecond } from "./table.ts";
import { GLOBAL } from "./time_run.ts";

const RUNS = 1_000;
/** Calls under way at once. */
const CALLS = 50;

/** They are begun faster than one worker can carry them out, so that nearly all are open together. */
export async function benchRunsAtOnce(node: NodeProcess): Promise<void> {
  const { client } = node;
  const doc = {
    dag_id: "many",
    scope: GLOBAL,
    tasks: [
      { id: "a", command: "true" },
      ...["b", "c"].map((id) => ({ id, type: "noop", depends_on: ["a"] })),
    ],
  };
  const before = await residentBytes(node.pid);
  await client.publish({ doc });
  const first = dataOf(await client.confirm("many", {}));
  await waitForEnd(client, first.run_id);
  const begun = performance.now();
  const ids: string[] = [];
  for (let at = 0; at < RUNS; at += CALLS) {
    const some = Array.from({ length: CALLS }, () => client.runDag("many"));
    for (const answer of await Promise.all(some)) ids.push(dataOf(answer).run_id);
  }
  const started = performance.now() - begun;
  await Promise.all(ids.map((id) => waitForEnd(client, id)));
  note("1,000 runs begun by as many calls", perSecond(RUNS, started));
  note("1,000 runs of 3 tasks, first call to last end", ms(performance.now() - begun));
  note("memory of the node beside before", mb(await residentBytes(node.pid) - before));
}
