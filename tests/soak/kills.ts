/** Random kills: of workers every second or two, of the node now and then. */
import { dataOf } from "../../lib/api/client.ts";
import type { NodeProcess } from "../helpers/node_process.ts";

/** What the killer works with. */
export interface KillParts {
  readonly node: () => NodeProcess;
  readonly random: () => number;
  readonly until: AbortSignal;
  /** Kills the node and starts it again. */
  readonly restartNode: () => Promise<void>;
}

/** How often what was killed. */
export interface KillCount {
  workers: number;
  nodes: number;
}

/** Share of the kills that hit the node. */
const NODE_SHARE = 0.15;

/** Kills until it is told to stop. */
export async function killAtRandom(parts: KillParts): Promise<KillCount> {
  const count: KillCount = { workers: 0, nodes: 0 };
  while (!parts.until.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 500 + parts.random() * 2_000));
    if (parts.until.aborted) break;
    if (parts.random() < NODE_SHARE) {
      await parts.restartNode();
      count.nodes++;
    } else if (await killWorker(parts)) count.workers++;
  }
  return count;
}

/** @returns whether there was one to kill */
async function killWorker({ node, random }: KillParts): Promise<boolean> {
  const workers = dataOf(await node().client.workers()).workers
    .filter(({ status, pid }) => status === "running" && pid !== null);
  const pid = workers[Math.floor(random() * workers.length)]?.pid;
  if (pid === undefined || pid === null) return false;
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
