/** How long a node takes to be there. */
import { startNode } from "../helpers/node_process.ts";
import { inDirectory } from "./directory.ts";
import { ms, note, percentile } from "./table.ts";

/** Measures starts of fresh nodes. */
export async function benchStart(): Promise<void> {
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
