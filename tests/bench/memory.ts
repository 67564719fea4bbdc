/** What idle processes take. */
import { dataOf } from "../../lib/api/client.ts";
import { type NodeProcess, publishAndConfirm, waitForEnd } from "../helpers/node_process.ts";
import { deep } from "./noops.ts";
import { mb, note } from "./table.ts";

/** Resident memory of a process in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1024;
}

/** Measures node and worker; for a node that has done nothing yet. */
export async function benchMemory(node: NodeProcess): Promise<void> {
  note("resident memory of a fresh, idle node", mb(await residentBytes(node.pid)), "< 120 MB");
  await waitForEnd(
    node.client,
    (await publishAndConfirm(node.client, deep("memory", 1))).run_id,
  );
  const [worker] = dataOf(await node.client.workers()).workers;
  note("resident memory of an idle worker", mb(await residentBytes(worker?.pid ?? 0)));
}
