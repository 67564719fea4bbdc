/**
 * A process that floods a node as one of its workers: reads a bootstrap from stdin, connects, and
 * sends as many messages a second as its argument says, for as many seconds as its second one.
 * Prints how many it has sent.
 */
import type { WorkerBootstrap } from "../../lib/schema/link_frames.ts";

const [rate = 0, seconds = 0] = Deno.args.map(Number);
const bootstrap = JSON.parse(await new Response(Deno.stdin.readable).text()) as WorkerBootstrap;
const conn = await Deno.connect({ transport: "unix", path: bootstrap.socket });
const encoder = new TextEncoder();

async function write(text: string): Promise<void> {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

function event(txn: number, type: string, content: object): string {
  return `${JSON.stringify({ op: "send", txn, type, content: { v: 1, ...content } })}\n`;
}

/** Reads what the node says, and does nothing with it. */
async function drain(): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    while (await conn.read(buffer) !== null);
  } catch {
    // This side has closed it.
  }
}

const { worker_id, instance, secret } = bootstrap;
await write(`${JSON.stringify({ op: "hello", worker_id, secret })}\n`);
void drain();
await write(event(1, "io.cis.worker.ready", { worker_id, instance, pid: Deno.pid, active: [] }));
const begin = performance.now();
let sent = 0;
for (let left = seconds * 1_000; left > 0; left = begin + seconds * 1_000 - performance.now()) {
  const due = Math.floor((performance.now() - begin) / 1_000 * rate) - sent;
  // One of the kinds that are answered and kept, each ten of those that aren't.
  let text = "";
  for (let index = 0; index < due; index++) {
    const beat = { active_tasks: 0, rss: 1_000_000, cpu_ms: 1 };
    text += index % 10 === 0
      ? event(sent + index + 2, "io.cis.task.result", { results: [] })
      : event(0, "io.cis.worker.heartbeat", beat);
  }
  await write(text);
  sent += due;
  await new Promise((resolve) => setTimeout(resolve, 1));
}
await Deno.stdout.write(encoder.encode(`${sent}\n`));
conn.close();
