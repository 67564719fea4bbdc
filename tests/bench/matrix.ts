/** Rooms on a real homeserver: what the way there and back costs, and what batches make of it. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dataOf } from "../../lib/api/client.ts";
import { matrixConfig, signNodeIn } from "../helpers/matrix_node.ts";
import { type NodeProcess, startNode } from "../helpers/node_process.ts";
import { type MatrixUser, type Synapse, withSynapse } from "../helpers/synapse.ts";
import { inDirectory } from "./directory.ts";
import { residentBytes } from "./memory.ts";
import { type RoomLatency, roomLatency } from "./room_latency.ts";
import { deep, wide } from "./noops.ts";
import { mb, ms, note, percentile, perSecond } from "./table.ts";
import { timeRun } from "./time_run.ts";

const CHAIN = 40;
const WIDE = 1000;
/** Tasks that are sent one to an event. */
const SINGLE = 150;

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
      noteLatency("a chain", roomLatency(dir, "matrix-chain-"));
      noteLatency(`${WIDE} wide`, roomLatency(dir, "matrix-wide-"));
      await measureSingles(synapse);
      await measureClients();
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
  const chainCounts: number[] = [];
  for (let round = 0; round < 5; round++) {
    const first = await countEvents(synapse, user);
    chains.push(await timeRun(node, deep(`matrix-chain-${round}`, CHAIN)) / CHAIN);
    const before = await countEvents(synapse, user);
    chainCounts.push(before - first);
    wides.push(await timeRun(node, wide(`matrix-wide-${round}`, WIDE)));
    counts.push(await countEvents(synapse, user) - before);
  }
  const chain = percentile(chains, 0.5);
  note("ready → dispatch → result → stored, p50 of 5", ms(chain));
  const all = percentile(wides, 0.5);
  note(`noop, ${WIDE} wide, p50 of 5`, ms(all), "< 15,000 ms");
  note("in batches", perSecond(WIDE, all));
  note("events for a task in batches, p50 of 5", (percentile(counts, 0.5) / WIDE).toFixed(3));
  note("events for a task of a chain, p50 of 5", (percentile(chainCounts, 0.5) / CHAIN).toFixed(2));
}

function noteLatency(shape: string, { toRunning, toStored }: RoomLatency): void {
  const text = (all: readonly number[]): string =>
    `${percentile(all, 0.5)} / ${percentile(all, 0.99)} ms`;
  note(`dispatch → running, ${shape}, p50 / p99`, text(toRunning));
  note(`result → stored, ${shape}, p50 / p99`, text(toStored));
}

/**
 * Tasks as they would go without batches: an event for each dispatch and one for each result, both
 * sides at once, each one after the other, since order counts.
 */
async function measureSingles(synapse: Synapse): Promise<void> {
  const [node, worker] = [await synapse.register("single-n"), await synapse.register("single-w")];
  const created = await synapse.call(node, {
    method: "POST",
    path: "/createRoom",
    body: { preset: "private_chat", invite: [worker.user_id] },
  });
  const room = encodeURIComponent(String(created.room_id));
  await synapse.call(worker, { method: "POST", path: `/join/${room}`, body: {} });
  const send = async (user: MatrixUser): Promise<void> => {
    for (let n = 0; n < SINGLE; n++) {
      const path = `/rooms/${room}/send/io.cis.bench/${n}`;
      await synapse.call(user, { method: "PUT", path, body: { text: "x".repeat(500), n } });
    }
  };
  const begun = performance.now();
  await Promise.all([send(node), send(worker)]);
  const elapsed = performance.now() - begun;
  note("without batches: an event each way for each task", perSecond(SINGLE, elapsed));
}

/** What a worker's process would need with the SDK. */
async function measureClients(): Promise<void> {
  const script = fileURLToPath(new URL("./sdk_process.ts", import.meta.url));
  const clients = [["fetch", "plain requests"], ["sdk", "matrix-js-sdk"]] as const;
  for (const [client, name] of clients) {
    const begun = performance.now();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, client],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    const elapsed = performance.now() - begun;
    note(
      `a process with ${name}: memory, start`,
      `${mb(await residentBytes(child.pid))}, ${ms(elapsed)}`,
    );
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
  }
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
