/**
 * `deno task soak [--minutes 2] [--seed n]`: a node and its workers under load while both are killed
 * at random. Afterwards no result is lost or counted twice, nothing is left behind, and memory has
 * not grown. Ends with 1 when that isn't so, and says the seed to do it again with.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dataOf } from "../../lib/api/client.ts";
import { type NodeProcess, startNode } from "../helpers/node_process.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { leftBehind, lostRuns, unsoundRows, wrongCounts } from "./checks.ts";
import { killAtRandom, type KillCount } from "./kills.ts";
import { load } from "./load.ts";
import { MemoryCurve } from "./memory_curve.ts";

const PUBLISHERS = 4;
/** The last part of the time belongs to one node, so that the growth of its memory can be seen. */
const QUIET_SHARE = 0.4;
/** How long the last runs may take. */
const SETTLE_MS = 120_000;

const { values } = parseArgs({
  options: { minutes: { type: "string" }, seed: { type: "string" } },
});
const minutes = Number(values.minutes ?? "2");
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const encoder = new TextEncoder();

function print(text: string): void {
  Deno.stdout.writeSync(encoder.encode(`${text}\n`));
}

/** Settles after so many milliseconds. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Runs the soak. @returns what doesn't hold */
async function soak(dir: string): Promise<string[]> {
  const random = seededRandom(seed);
  const config = {
    idle_exit_ms: 5_000,
    orphan_grace_ms: 20_000,
    reconnect_grace_ms: 3_000,
    // What is killed at random all the time doesn't crash by itself.
    restart_limit: 1_000_000,
    // Longer than the soak: every attempt may lose its worker several times.
    policy: { defaults: { memory: "2GiB" } },
  };
  let node: NodeProcess = await startNode(dir, { config });
  const port = Number(new URL(node.url).port);
  const told = new Set<string>();
  const loaded = new AbortController();
  const killing = new AbortController();
  const parts = { node: () => node, random };
  const loads = Array.from(
    { length: PUBLISHERS },
    (_, n) => load(`p${n}`, { ...parts, until: loaded.signal, told }),
  );
  const restartNode = async (): Promise<void> => {
    await node.killHard();
    node = await startNode(dir, { port, config });
  };
  const kills = killAtRandom({ ...parts, until: killing.signal, restartNode });
  await pause(minutes * 60_000 * (1 - QUIET_SHARE));
  killing.abort();
  const killed: KillCount = await kills;
  const workers = dataOf(await node.client.workers()).workers.flatMap(({ pid }) => pid ?? []);
  const memories = [
    new MemoryCurve("the node", [node.pid]),
    new MemoryCurve("its largest worker", workers),
  ];
  await Promise.all(memories.map((memory) => memory.watch(minutes * 60_000 * QUIET_SHARE)));
  loaded.abort();
  await Promise.all(loads);
  const open = await settle(node);
  print(`${told.size} runs, ${killed.workers} workers and ${killed.nodes} nodes killed`);
  for (const memory of memories) print(memory.summary());
  const code = await node.stop();
  return [
    ...open,
    ...(code === 0 ? [] : [`the node ended with ${code}`]),
    ...memories.flatMap((memory) => memory.problems()),
    ...lostRuns(dir, told),
    ...wrongCounts(dir),
    ...unsoundRows(dir),
    ...leftBehind(dir),
  ];
}

/** Waits until every run has ended. @returns those that have not */
async function settle({ client }: NodeProcess): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MS;
  let open: string[] = [];
  do {
    await pause(200);
    open = [];
    for (const status of ["queued", "running"] as const) {
      open.push(...dataOf(await client.listRuns({ status })).runs.map(({ run_id }) => run_id));
    }
  } while (open.length > 0 && performance.now() < deadline);
  return open.map((run) => `${run} has not ended`);
}

print(`soak of ${minutes} minutes, seed ${seed}`);
const dir = await Deno.makeTempDir({ prefix: "cis-soak-" });
const problems = await soak(dir);
for (const problem of problems.slice(0, 50)) print(`  ${problem}`);
if (problems.length > 0) {
  print(`${problems.length} problems; the data stay in ${join(dir)}`);
  print(`once more: deno task soak --minutes ${minutes} --seed ${seed}`);
  Deno.exit(1);
}
await Deno.remove(dir, { recursive: true });
print("nothing was lost, doubled or left behind");
