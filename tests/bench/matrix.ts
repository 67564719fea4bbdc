/** Rooms on a real homeserver: what the way there and back costs, and what batches make of it. */
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import { matrixConfig, signNodeIn } from "../helpers/matrix_node.ts";
import { type NodeProcess, startNode } from "../helpers/node_process.ts";
import { type MatrixUser, type Synapse, withSynapse } from "../helpers/synapse.ts";
import { inDirectory } from "./directory.ts";
import { residentBytes } from "./memory.ts";
import { deep, wide } from "./noops.ts";
import { mb, ms, note, percentile, perSecond } from "./table.ts";
import { timeRun } from "./time_run.ts";

const CHAIN = 40;
const WIDE = 1000;

/** Measures with Synapse on this machine, its rate limits lifted. */
export function benchMatrix(): Promise<void> {
  return withSynapse((synapse) =>
    inDirectory(async (dir) => {
      await signNodeIn(synapse, dir);
      const node = await startNode(dir, { config: matrixConfig(synapse) });
      try {
        await measure(node, synapse);
      } finally {
        await node.stop();
      }
    })
  );
}

async function measure(node: NodeProcess, synapse: Synapse): Promise<void> {
  await timeRun(node, wide("matrix-warm-up", 100));
  note("resident memory of a node with matrix-js-sdk", mb(await residentBytes(node.pid)));
  const [worker] = dataOf(await node.client.workers()).workers;
  note("resident memory of a worker over a homeserver", mb(await residentBytes(worker?.pid ?? 0)));
  const user: MatrixUser = JSON.parse(await Deno.readTextFile(join(node.dataDir, "matrix.json")));
  const chains: number[] = [];
  const wides: number[] = [];
  const counts: number[] = [];
  for (let round = 0; round < 5; round++) {
    chains.push(await timeRun(node, deep(`matrix-chain-${round}`, CHAIN)) / CHAIN);
    const before = await countEvents(synapse, user);
    wides.push(await timeRun(node, wide(`matrix-wide-${round}`, WIDE)));
    counts.push(await countEvents(synapse, user) - before);
  }
  const chain = percentile(chains, 0.5);
  note("ready → dispatch → result → stored, p50 of 5", ms(chain));
  note("one task an event: as fast as a chain", perSecond(1, chain));
  const all = percentile(wides, 0.5);
  note(`noop, ${WIDE} wide, p50 of 5`, ms(all), "< 15,000 ms");
  note("in batches", perSecond(WIDE, all));
  note("events for a task in batches, p50 of 5", (percentile(counts, 0.5) / WIDE).toFixed(3));
}

/** Events of the worker's room. */
async function countEvents(synapse: Synapse, user: MatrixUser): Promise<number> {
  const alias = encodeURIComponent("#worker-global-node1:matrix.test");
  const { room_id } = await synapse.call(user, { path: `/directory/room/${alias}` });
  let count = 0;
  for (let from = "";;) {
    const query = `dir=b&limit=100${from === "" ? "" : `&from=${from}`}`;
    const page = await synapse.call(user, { path: `/rooms/${room_id}/messages?${query}` }) as {
      chunk: readonly unknown[];
      end?: string;
    };
    count += page.chunk.length;
    if (page.end === undefined || page.chunk.length === 0) return count;
    from = page.end;
  }
}
