/**
 * `deno task bench`: how long the path takes on this machine, as a table. Everything runs against
 * real node and worker processes; nothing is gated, since machines differ.
 */
import { dataOf } from "../../lib/api/client.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
} from "../helpers/node_process.ts";
import { type Recovery, timeRecovery } from "./recovery.ts";

const encoder = new TextEncoder();

function print(text: string): void {
  Deno.stdout.writeSync(encoder.encode(`${text}\n`));
}

/** One line of the table. */
function note(name: string, value: string, aim?: string): void {
  print(`  ${name.padEnd(52)} ${value.padStart(16)}   ${aim === undefined ? "" : `aim: ${aim}`}`);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const perSecond = (count: number, elapsed: number): string =>
  `${(count / elapsed * 1000).toFixed(0)} /s`;

async function inDirectory<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await Deno.makeTempDir({ prefix: "cis-bench-" });
  try {
    return await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Resident memory of a process in bytes. */
async function residentBytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1024;
}

async function benchStart(): Promise<void> {
  const health: number[] = [];
  const ready: number[] = [];
  for (let round = 0; round < 5; round++) {
    await inDirectory(async (dir) => {
      const port = freePort();
      const begun = performance.now();
      const healthy = untilHealthy(`http://127.0.0.1:${port}/health`, begun);
      const node = await startNode(dir, { port });
      ready.push(performance.now() - begun);
      health.push(await healthy);
      await node.stop();
    });
  }
  note("start → first answer of /health, p50 of 5", ms(percentile(health, 0.5)), "< 500 ms");
  note("start → ready line, p50 of 5", ms(percentile(ready, 0.5)), "< 500 ms");
}

/** Tries until the node answers; bounded. @returns milliseconds since `begun` */
async function untilHealthy(url: string, begun: number): Promise<number> {
  for (let tries = 0; tries < 5_000; tries++) {
    try {
      const response = await fetch(url);
      await response.body?.cancel();
      if (response.ok) return performance.now() - begun;
    } catch {
      // Nobody listens yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`${url} did not answer`);
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

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

async function benchConfirm(node: NodeProcess): Promise<void> {
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

/** Time from the confirm to the end of a run of `noop`s on a warm worker. */
async function timeRun(node: NodeProcess, doc: unknown): Promise<number> {
  const published = dataOf(await node.client.publish({ doc }));
  const begun = performance.now();
  const { run_id } = dataOf(await node.client.confirm(published.dag_id, {}));
  const run = await waitForEnd(node.client, run_id, 120_000);
  if (run.status !== "completed") throw new Error(`the run ${run.status}: ${run.error}`);
  return performance.now() - begun;
}

const GLOBAL = { type: "global" };

const wide = (dag_id: string, count: number): unknown => ({
  dag_id,
  scope: GLOBAL,
  max_parallel: 1000,
  tasks: Array.from({ length: count }, (_, n) => ({ id: `t${n}`, type: "noop" })),
});

const deep = (dag_id: string, count: number): unknown => ({
  dag_id,
  scope: GLOBAL,
  tasks: Array.from({ length: count }, (_, n) => ({
    id: `t${n}`,
    type: "noop",
    depends_on: n === 0 ? [] : [`t${n - 1}`],
  })),
});

async function benchNoops(node: NodeProcess): Promise<void> {
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

const SHELL_TASKS = 1000;
const SHELL_PARALLEL = 8;

async function timeXargs(): Promise<number> {
  const begun = performance.now();
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", `seq ${SHELL_TASKS} | xargs -P ${SHELL_PARALLEL} -n 1 /bin/sh -c true`],
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error("xargs failed");
  return performance.now() - begun;
}

async function benchShell(node: NodeProcess): Promise<void> {
  const ours: number[] = [];
  const xargs: number[] = [];
  for (let round = 0; round < 4; round++) {
    xargs.push(await timeXargs());
    const elapsed = await timeRun(node, {
      dag_id: `shell-${round}`,
      scope: GLOBAL,
      max_parallel: SHELL_PARALLEL,
      tasks: Array.from({ length: SHELL_TASKS }, (_, n) => ({
        id: `t${n}`,
        type: "shell",
        command: "true",
      })),
    });
    if (round > 0) ours.push(elapsed);
  }
  const [own, theirs] = [percentile(ours, 0.5), percentile(xargs, 0.5)];
  note("shell `true`, 8 at once, p50 of 3", perSecond(SHELL_TASKS, own));
  note("xargs -P 8 -n 1 /bin/sh -c true, p50 of 4", perSecond(SHELL_TASKS, theirs));
  note("shell ÷ xargs", (theirs / own).toFixed(2), "≥ 0.7");
}

async function benchRequests(node: NodeProcess): Promise<void> {
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

async function benchMemory(node: NodeProcess): Promise<void> {
  note("resident memory of a fresh, idle node", mb(await residentBytes(node.pid)), "< 120 MB");
  await waitForEnd(
    node.client,
    (await publishAndConfirm(node.client, deep("memory", 1))).run_id,
  );
  const [worker] = dataOf(await node.client.workers()).workers;
  note("resident memory of an idle worker", mb(await residentBytes(worker?.pid ?? 0)));
}

async function benchRecovery(node: NodeProcess): Promise<void> {
  const times: Recovery[] = [];
  for (let round = 0; round < 10; round++) times.push(await timeRecovery(node, round));
  const of = (step: keyof Recovery, share: number): string =>
    ms(percentile(times.map((time) => time[step]), share));
  note("SIGKILL of a worker → its end is written, p50 of 10", of("crashed", 0.5));
  note("… → its successor's process is started, p50 of 10", of("starting", 0.5));
  note("… → its successor is ready, p50 of 10", of("ready", 0.5), "< 500 ms");
  note("… → its successor is ready, longest of 10", of("ready", 1));
}

print(`${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}`);
await benchStart();
await inDirectory(async (dir) => {
  const node = await startNode(dir);
  try {
    await benchMemory(node);
    await benchConfirm(node);
    await benchRecovery(node);
    await benchNoops(node);
    await benchShell(node);
    await benchRequests(node);
  } finally {
    await node.stop();
  }
});
