/** Output on its way from a task's pipe into the store, and to who follows it. */
import { dataOf } from "../../lib/api/client.ts";
import { Database } from "../../lib/db/database.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
} from "../helpers/node_process.ts";
import { inDirectory } from "./directory.ts";
import { ms, note, percentile } from "./table.ts";
import { GLOBAL } from "./time_run.ts";

const FLOOD_BYTES = 200_000_000;
const FLOOD_ROUNDS = 3;
const PRINTED = 300;

/** Measures throughput until stored, how long the node keeps others waiting meanwhile, and delay. */
export async function benchLogs(): Promise<void> {
  await inDirectory(async (dir) => {
    const node = await startNode(dir, {
      config: { policy: { defaults: { max_output: "2GiB", disk: "20GiB" } } },
    });
    try {
      for (const lineBytes of [100, 1000]) await benchFlood(node, lineBytes);
      await benchDelay(node);
    } finally {
      await node.stop();
    }
  });
}

async function benchFlood(node: NodeProcess, lineBytes: number): Promise<void> {
  const count = FLOOD_BYTES / lineBytes;
  const line = "x".repeat(lineBytes - 1);
  const rates: number[] = [];
  const waits: number[] = [];
  let lost = 0;
  for (let round = 0; round < FLOOD_ROUNDS; round++) {
    const { run_id } = await publishAndConfirm(node.client, {
      dag_id: `flood-${lineBytes}-${round}`,
      scope: GLOBAL,
      tasks: [{ id: "flood", type: "shell", command: `yes ${line} | head -n ${count}` }],
    });
    const others = askMeanwhile(node.url);
    const run = await waitForEnd(node.client, run_id, 120_000);
    waits.push(...await others.stop());
    if (run.status !== "completed") throw new Error(`the run ${run.status}: ${run.error}`);
    const [attempt] = run.tasks[0]?.attempts ?? [];
    const took = Date.parse(run.finished_at ?? "") - Date.parse(attempt?.started_at ?? "");
    rates.push(FLOOD_BYTES / 1000 / took);
    lost += count - storedLines(node.dataDir, run_id);
  }
  const name = `${FLOOD_BYTES / 1e6} MB of ${lineBytes}-byte lines`;
  note(`${name} until stored, p50 of ${FLOOD_ROUNDS}`, mbPerSecond(rates), "> 50 MB/s");
  note("  lines lost", String(lost), "0");
  note("  another request meanwhile, p95", ms(percentile(waits, 0.95)));
}

function mbPerSecond(rates: readonly number[]): string {
  return `${percentile(rates, 0.5).toFixed(0)} MB/s`;
}

function storedLines(dataDir: string, runId: string): number {
  using db = new Database(`${dataDir}/cis.db`);
  const sql = "SELECT coalesce(sum(lines), 0) AS lines FROM log_chunks WHERE run_id = ?";
  return db.get<{ lines: number }>(sql, runId)?.lines ?? 0;
}

/** Asks for something small again and again. `stop` gives how long each answer took. */
function askMeanwhile(url: string): { stop: () => Promise<number[]> } {
  const waits: number[] = [];
  let stopped = false;
  const asking = (async () => {
    while (!stopped) {
      const begun = performance.now();
      await (await fetch(`${url}/health`)).body?.cancel();
      waits.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await asking;
      return waits;
    },
  };
}

const TICK =
  `i=0; while [ $i -lt ${PRINTED} ]; do date +%s%N; sleep 0.02; i=$((i+1)); done; touch ticked`;
/** Goes on for as long as the other task prints, and longer than it takes to start. */
const FLOOD = `rm -f ticked; while [ ! -e ticked ]; do yes ${
  "x".repeat(99)
} | head -n 100000; done`;

/** From a printed line to its arrival, alone and beside a task that prints as fast as it can. */
async function benchDelay(node: NodeProcess): Promise<void> {
  const tick = { id: "tick", type: "shell", command: TICK };
  const flood = { id: "flood", type: "shell", command: FLOOD };
  for (const [name, tasks] of [["", [tick]], [" in a flood", [flood, tick]]] as const) {
    const { run_id } = await publishAndConfirm(node.client, {
      dag_id: `delay-${tasks.length}`,
      scope: GLOBAL,
      tasks,
    });
    const delays = await delaysOf(node, run_id);
    note(
      `printed → at an SSE reader${name}, p50 of ${PRINTED}`,
      ms(percentile(delays, 0.5)),
      "< 50 ms",
    );
    note(
      `printed → at an SSE reader${name}, p95 of ${PRINTED}`,
      ms(percentile(delays, 0.95)),
      "< 50 ms",
    );
  }
}

/** Each line says when it was printed; both clocks are the machine's. */
async function delaysOf(node: NodeProcess, runId: string): Promise<number[]> {
  const delays: number[] = [];
  for await (const { text } of node.client.followLogs(runId, { taskId: "tick" })) {
    delays.push(Date.now() - Number(BigInt(text) / 1000n) / 1000);
  }
  const { status } = dataOf(await node.client.getRun(runId));
  if (status !== "completed" || delays.length !== PRINTED) throw new Error("lines are missing");
  return delays;
}
