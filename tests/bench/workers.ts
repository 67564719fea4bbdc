/** Many workers side by side, and how soon a killed one is back. */
import { dataOf } from "../../lib/api/client.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  waitForEnd,
  waitForEvent,
} from "../helpers/node_process.ts";
import { residentBytes } from "./memory.ts";
import { mb, ms, note, percentile } from "./table.ts";

const WORKERS = 50;
const KILLS = 10;

/** Measures 50 workers of 50 scopes, then kills one ten times. */
export async function benchWorkers(node: NodeProcess): Promise<void> {
  await sideBySide(node);
  await killed(node);
}

async function sideBySide({ client }: NodeProcess): Promise<void> {
  const begun = performance.now();
  const runs = await Promise.all(
    Array.from({ length: WORKERS }, (_, n) =>
      publishAndConfirm(client, {
        dag_id: `side-${n}`,
        scope: { type: "project", project_id: `p${n}` },
        tasks: [{ id: "a", command: "true" }],
      })),
  );
  for (const { run_id } of runs) await waitForEnd(client, run_id, 120_000);
  note(`${WORKERS} runs of ${WORKERS} scopes, until all have ended`, ms(performance.now() - begun));
  const workers = dataOf(await client.workers()).workers.filter(({ status }) =>
    status === "running"
  );
  const bytes = await Promise.all(workers.map(({ pid }) => residentBytes(pid ?? 0)));
  note(
    `resident memory of each of ${workers.length} idle workers, p50`,
    mb(percentile(bytes, 0.5)),
  );
}

async function killed({ client }: NodeProcess): Promise<void> {
  const ready: number[] = [];
  const again: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const { run_id } = await publishAndConfirm(client, {
      dag_id: `killed-${kill}`,
      // A worker that never crashed before: what is measured is one crash, not a crash loop.
      scope: { type: "project", project_id: `k${kill}` },
      tasks: [{ id: "a", command: '[ "$CIS_ATTEMPT" -gt 1 ] || sleep 60' }],
    });
    await waitForEvent(client, run_id, ({ type }) => type === "task.running");
    const worker_id = `worker-project-k${kill}`;
    const { pid } = dataOf(await client.worker(worker_id));
    const begun = performance.now();
    const back = untilBack({ client } as NodeProcess, { worker_id, begun });
    Deno.kill(pid ?? 0, "SIGKILL");
    ready.push(await back);
    await waitForEnd(client, run_id);
    again.push(performance.now() - begun);
  }
  note(
    "SIGKILL of a worker → the next one is ready, p50 of 10",
    ms(percentile(ready, 0.5)),
    "< 500 ms",
  );
  note("SIGKILL of a worker → its task has run again, p50 of 10", ms(percentile(again, 0.5)));
}

async function untilBack(
  { client }: NodeProcess,
  { worker_id, begun }: { worker_id: string; begun: number },
): Promise<number> {
  const abort = new AbortController();
  let crashed = false;
  for await (const event of client.followEvents({ signal: abort.signal })) {
    if (event.worker_id !== worker_id) continue;
    if (event.type === "worker.crashed") crashed = true;
    if (crashed && event.type === "worker.running") break;
  }
  abort.abort();
  return performance.now() - begun;
}
